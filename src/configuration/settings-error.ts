/** A setting and the rule that it breaks; its value is never kept, because a mistyped secret would land in a log. */
export interface BrokenRule {
  readonly name: string;
  readonly rule: string;
}

/** The environment does not make valid settings: the process must not start. Names and rules only, never values. */
export class SettingsError extends Error {
  constructor(readonly brokenRules: readonly BrokenRule[]) {
    const lines = brokenRules.map(({ name, rule }) => `  ${name}: ${rule}`);
    super(
      `The settings are not valid:\n${lines.join('\n')}\nSet them in the environment; .env.example explains each one.`,
    );
    this.name = 'SettingsError';
  }
}
