import { readFileSync } from 'node:fs';
import { validateSync } from 'class-validator';
import { type BrokenRule, SettingsError } from './settings-error.js';

/** The environment of a process, as Node.js gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings that a class names from the environment and validates them.
 * The class holds texts: a property's value is its default, and an empty text means "not set".
 * @param secrets names of which `NAME_FILE` may name a file that holds the value
 * @throws SettingsError with every broken rule, not only the first
 */
export function readVariables<Variables extends object>(
  environment: Environment,
  Class: new () => Variables,
  secrets: readonly string[],
): Variables {
  const variables = new Class();
  const names = Object.keys(variables);
  const brokenRules: BrokenRule[] = [];
  for (const name of names) {
    const value = secrets.includes(name) ? readSecret(environment, name, brokenRules) : environment[name];
    if (value !== undefined && value !== '') Object.assign(variables, { [name]: value });
  }
  brokenRules.push(...brokenRulesOf(variables, brokenRules));
  if (brokenRules.length > 0) throw new SettingsError(brokenRules);
  return variables;
}

function brokenRulesOf(variables: object, known: readonly BrokenRule[]): BrokenRule[] {
  return validateSync(variables, { stopAtFirstError: true })
    .filter(({ property }) => !known.some(({ name }) => name === property))
    .flatMap(({ property, constraints }) => Object.values(constraints ?? {}).map((rule) => ({ name: property, rule })));
}

function readSecret(environment: Environment, name: string, brokenRules: BrokenRule[]): string | undefined {
  const value = environment[name] || undefined;
  const file = environment[`${name}_FILE`] || undefined;
  if (file === undefined) return value;
  if (value !== undefined) {
    brokenRules.push({ name, rule: `must not be set together with ${name}_FILE: remove one of the two` });
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    brokenRules.push({ name, rule: `${name}_FILE names a file that cannot be read by this process` });
    return undefined;
  }
}
