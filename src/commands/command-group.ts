import type { Command } from 'commander';
import type { Outcome } from './outcome.js';

/** Where a command writes: results to `out`, everything else to `error`. */
export interface Terminal {
  out(text: string): void;
  error(text: string): void;
}

/** Adds a group of commands. What a command does is imported when it runs, so that the help comes at once. */
export type CommandGroup = (program: Command, perform: Perform) => void;

/** Makes a commander action of work that returns an outcome. */
export type Perform = <Arguments extends unknown[]>(
  work: (...given: Arguments) => Promise<Outcome>,
) => (...given: Arguments) => Promise<void>;
