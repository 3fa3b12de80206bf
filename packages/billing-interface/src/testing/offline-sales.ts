import type { BillingInterface, SaleStoredOffline } from '../api.js';
import type { TillBench } from './till-bench.js';
import { draft } from './till-folder.js';

/** Sells so many while the server resets every connection, then lets it answer again. Gives their invoice ids, oldest first. */
async function sellOffline({ server }: TillBench, till: BillingInterface, count: number): Promise<string[]> {
  const before = server.fault;
  server.fault = () => ({ kind: 'reset' });
  const ids: string[] = [];
  for (let number = 1; number <= count; number += 1) {
    const sale = await till.issue(`offline ${number}`, draft(`offline-${number}`));
    ids.push((sale as SaleStoredOffline).invoiceId);
  }
  server.fault = before;
  return ids;
}

/** A till whose line is known to be back: what waits, waits. */
export async function openWithBacklog(
  bench: TillBench,
  count: number,
): Promise<{ readonly till: BillingInterface; readonly ids: string[] }> {
  const till = await bench.openTill();
  const ids = await sellOffline(bench, till, count);
  await till.close();
  bench.server.office.arrivals.splice(0);
  return { till: await bench.openTill(), ids };
}

/** Resolves when it is so, looking again at each event of the feed. */
export async function until(till: BillingInterface, done: () => boolean): Promise<void> {
  let cursor = 0;
  while (!done()) cursor = (await till.waitForFeed(cursor, 1_000)).at(-1)?.cursor ?? cursor;
}
