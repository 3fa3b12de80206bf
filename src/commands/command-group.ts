import type { Command } from 'commander';
import type { Clock } from '@tax-control/protocol';
import type { Outcome } from './outcome.js';

/** Where a command writes: results to `out`, everything else to `error`. */
export interface Terminal {
  out(text: string): void;
  error(text: string): void;
}

/**
 * Adds a group of commands. What a command does is imported when it runs, so that the help comes at once.
 * A command takes the time from `clock` and from nowhere else.
 */
export type CommandGroup = (program: Command, perform: Perform, clock: Clock) => void;

/** Makes a commander action of work that returns an outcome. */
export type Perform = <Arguments extends unknown[]>(
  work: (...given: Arguments) => Promise<Outcome>,
) => (...given: Arguments) => Promise<void>;
