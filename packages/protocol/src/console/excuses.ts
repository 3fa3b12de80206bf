/**
 * A terminal that nobody waits for after a restore, though it has not said that all it holds is on file. It counts until the next restore.
 * @property recoveredAt when the database was restored, or replaced
 * @property excusedBy the official, or the log-in at the database
 */
export interface TerminalExcuse {
  readonly terminalId: string;
  readonly recoveredAt: string;
  readonly excusedBy: string;
  readonly reason: string;
  readonly excusedAt: string;
}

/** Answer to an excuse; known: the terminal was excused before. */
export interface ExcusedTerminal {
  readonly result: 'excused' | 'known';
  readonly excuse: TerminalExcuse;
}
