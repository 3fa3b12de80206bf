import type { Problem, ProblemCode } from '@tax-control/protocol';

/**
 * Exit status of every command. Documented in `tax-control --help`: scripts may rely on it.
 * `failed` is a bug of ours or of the machine, and is worth a report.
 */
export const EXIT_STATUS = { done: 0, refused: 1, usage: 2, unavailable: 3, failed: 4 } as const;

export type FailureKind = Exclude<keyof typeof EXIT_STATUS, 'done'>;

/**
 * It was done: `json` for programs, `text` for people. `bad`: the result itself is bad news (a check that failed); it stands on
 * standard output, and the exit status tells.
 */
export interface Done {
  readonly done: true;
  readonly json: unknown;
  readonly text: string;
  readonly bad: FailureKind | null;
}

/** It was not done: what was wrong and what to do about it, in one or two sentences. */
export interface NotDone {
  readonly done: false;
  readonly kind: FailureKind;
  readonly message: string;
  /** For programs: what the message says, in parts. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export type Outcome = Done | NotDone;

export function done(json: unknown, text: string): Done {
  return { done: true, json, text, bad: null };
}

/** It was looked at, and this was found. */
export function found(json: unknown, text: string, bad: FailureKind | null): Done {
  return { done: true, json, text, bad };
}

/** Refused by a rule: the same command again changes nothing. */
export function refused(message: string): NotDone {
  return { done: false, kind: 'refused', message };
}

/** A refusal of an act in the words of a command; a problem that it has no words for, in those of the catalogue. */
export function refusedBy({ code, title, detail }: Problem, words: Partial<Record<ProblemCode, string>> = {}): NotDone {
  return refused(words[code] ?? `${title} ${detail}`);
}

/** The command line itself is not right. */
export function misused(message: string): NotDone {
  return { done: false, kind: 'usage', message };
}

/** Something that it needs is not there at the moment: the same command may succeed later. */
export function unavailable(message: string): NotDone {
  return { done: false, kind: 'unavailable', message };
}
