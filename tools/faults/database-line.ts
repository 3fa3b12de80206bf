import { type Relay, type Side, startRelay, type Verdict } from './relay.js';

/** What becomes of commits on their way. */
export type CommitFault =
  | { readonly kind: 'slow'; readonly ms: number }
  /** PostgreSQL commits, and who asked for it does not hear of it. */
  | { readonly kind: 'lose_answer' }
  /** PostgreSQL does not hear of it. */
  | { readonly kind: 'lose_request' };

/** The line between the servers and their database. */
export interface DatabaseLine {
  readonly port: number;
  /** @returns how many connections were cut */
  cutAll(): number;
  breakCommits(fault: CommitFault): void;
  /** @returns how many commits the fault has met */
  mend(): number;
  close(): Promise<void>;
}

const COMMIT = Buffer.from('COMMIT\0');

export async function startDatabaseLine(databasePort: number): Promise<DatabaseLine> {
  let fault: CommitFault | null = null;
  let met = 0;
  /** Bytes of the server's side at the commit whose answer shall be lost. */
  const unanswered = new WeakSet<object>();
  const judge = (bytes: Buffer, side: Side, passage: object): Verdict => {
    if (side === 'server') return unanswered.has(passage) ? { only: 0, end: 'close' } : 'pass';
    if (fault === null || !bytes.includes(COMMIT)) return 'pass';
    met += 1;
    if (fault.kind === 'slow') return { afterMs: fault.ms };
    if (fault.kind === 'lose_request') return { only: 0, end: 'close' };
    unanswered.add(passage);
    return 'pass';
  };
  const relay: Relay = await startRelay({ target: () => databasePort, judge });
  return {
    port: relay.port,
    cutAll: () => relay.cutAll(),
    breakCommits: (next) => void ([fault, met] = [next, 0]),
    mend: () => {
      fault = null;
      return met;
    },
    close: () => relay.close(),
  };
}
