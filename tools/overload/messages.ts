import type { BenchTerminal } from '../bench/terminals.js';
import type { AttackContext } from './attack.js';

/** What the tool tells the process of the honest tills. */
export type TillsCommand =
  | { readonly command: 'start'; readonly plan: TillsPlan }
  | { readonly command: 'take' }
  /** The lines of all of them are cut, in the middle of whatever goes on. */
  | { readonly command: 'cut' }
  | { readonly command: 'stop' };

export interface TillsPlan {
  readonly host: string;
  readonly port: number;
  readonly authorityPem: string;
  /** Each sells once in an interval, whatever became of the sale before. */
  readonly sellers: readonly BenchTerminal[];
  /** Each brings a short list to the late door once in an interval. */
  readonly latecomers: readonly BenchTerminal[];
  /** Milliseconds; 0: as soon as the one before is done. */
  readonly intervalMs: number;
  /** Milliseconds within which a till has its code, or sells without. */
  readonly saleDeadlineMs: number;
}

/** One request of an honest till. */
export interface Sample {
  readonly kind: 'sale' | 'list';
  /** When it was due, milliseconds since the tills began. */
  readonly dueMs: number;
  /** From when it was due until its answer, or until it was given up. */
  readonly tookMs: number;
  /** Whether it had its codes in time. */
  readonly hasCode: boolean;
  /** What came instead of a code. */
  readonly instead: string | null;
}

/** What was finished since it was last asked for (`stop`: all that was begun), and the tills' clock. */
export interface TillsReport {
  readonly samples: readonly Sample[];
  readonly nowMs: number;
}

export type AttackCommand =
  | { readonly command: 'prepare'; readonly name: string; readonly context: AttackContext }
  | { readonly command: 'run' }
  | { readonly command: 'end' };

export interface AttackReport {
  readonly fault: string | null;
}
