import type { LocalInstallation } from '../local/start-local.js';
import type { LedgerView } from './ledger-view.js';
import type { Line } from './line.js';
import type { Narrator } from './narrator.js';
import type { DemoTill, SalesBook } from './sales-book.js';

/** What every scene of the demo plays with. */
export interface Stage {
  readonly local: LocalInstallation;
  readonly line: Line;
  readonly narrator: Narrator;
  readonly book: SalesBook;
  readonly ledger: LedgerView;
  readonly tills: readonly DemoTill[];
  /** Offline invoices that one online transaction may carry, as published. */
  readonly threshold: number;
  /** How long a sale waits for its code at most. */
  readonly deadlineMs: number;
  /** Aborted when the demo is to stop before its end. */
  readonly signal: AbortSignal;
}

/** A scene needs a till by its place on the stage. */
export function tillAt(stage: Stage, index: number): DemoTill {
  const till = stage.tills[index];
  if (till === undefined) throw new RangeError(`there is no till ${index}`);
  return till;
}
