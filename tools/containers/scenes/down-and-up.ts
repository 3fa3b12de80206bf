import type { DemoTill } from '../../demo/sales-book.js';
import { SERVERS } from '../installation.js';
import { secondsSince, type Stage, waitUntilReady } from '../stage.js';

export interface RestartFigures {
  /** From `up` on full volumes to the first code. */
  readonly upAgainSeconds: number;
}

/** All containers are removed and made again, as for a new version of the engine: what counts is in the volumes. */
export async function downAndUp(stage: Stage, till: DemoTill): Promise<RestartFigures> {
  const { installation, narrator, book } = stage;
  narrator.step('Every container is removed, and made again');
  await installation.compose(['down']);
  const before = await book.sell(till);
  narrator.check(before.result.result === 'stored_offline', 'Without any server a sale is stored offline.');
  const began = performance.now();
  await installation.up();
  await Promise.all(SERVERS.map((server) => waitUntilReady(stage, server)));
  const report = await till.billing.drain();
  const { result } = await book.sell(till);
  const upAgainSeconds = secondsSince(began);
  narrator.check(
    report.stillWaiting === 0 && result.result === 'issued',
    `Keys, invoices and addresses are those of before: the till sells on, ${upAgainSeconds} s after up.`,
  );
  return { upAgainSeconds };
}
