import { setTimeout as wait } from 'node:timers/promises';
import type { DemoTill } from '../../demo/sales-book.js';
import { waitUntil } from '../../fleet/wait-until.js';
import { SERVERS } from '../installation.js';
import { isReady } from '../ask.js';
import { secondsSince, type Stage, waitFor } from '../stage.js';

/** A busy till: the next customer is there at once. */
const BETWEEN_SALES_MS = 250;
const OFFLINE_SALES = 30;
/** PostgreSQL recovers from its log; then the till's probe finds the line again, at most half a minute later. */
const ONLINE_LIMIT_MS = 120_000;
const BACKLOG_LIMIT_MS = 120_000;
/** Beyond the health check's interval times its retries. */
const UNREADY_LIMIT_MS = 30_000;

export interface DatabaseFigures {
  /** From the kill to the first sale that had its code in the answer again. */
  readonly offlineSeconds: number;
  /** From the moment at which the database was started again. */
  readonly onlineAgainSeconds: number;
  readonly storedOffline: number;
  /** From the first online sale until nothing waited. */
  readonly backlogSeconds: number;
}

/** The database is killed: sales are stored. It comes back: sales get their codes, and the waiting ones are reissued. */
export async function databaseDies(stage: Stage, till: DemoTill): Promise<DatabaseFigures> {
  const { installation, narrator, book, signal } = stage;
  narrator.step('The database is killed');
  const killed = performance.now();
  await installation.compose(['kill', 'database']);
  let storedOffline = 0;
  let longestSaleMs = 0;
  for (let number = 0; number < OFFLINE_SALES; number += 1) {
    const { result, tookMs } = await book.sell(till);
    storedOffline += result.result === 'stored_offline' ? 1 : 0;
    longestSaleMs = Math.max(longestSaleMs, tookMs);
    await wait(BETWEEN_SALES_MS, undefined, { signal });
  }
  narrator.check(
    storedOffline === OFFLINE_SALES,
    `${storedOffline} of ${OFFLINE_SALES} sales were stored offline; no customer waited longer than ${Math.round(longestSaleMs)} ms.`,
  );
  await waitFor('both servers say that they are not ready', UNREADY_LIMIT_MS, signal, async () => {
    const ready = await Promise.all(SERVERS.map((server) => isReady(installation.ports[server].operator)));
    return !ready.includes(true);
  });
  narrator.check(true, 'Both servers run on and say that they are not ready.');

  narrator.step('The database comes back');
  const started = performance.now();
  await installation.compose(['start', 'database']);
  for (;;) {
    const { result } = await book.sell(till);
    if (result.result === 'issued') break;
    storedOffline += 1;
    if (performance.now() - started > ONLINE_LIMIT_MS)
      throw new Error('Sales got no code again after the database was back.');
    await wait(BETWEEN_SALES_MS, undefined, { signal });
  }
  const offlineSeconds = secondsSince(killed);
  const onlineAgainSeconds = secondsSince(started);
  const online = performance.now();
  await waitUntil(
    'nothing waits in the till',
    { limitMs: BACKLOG_LIMIT_MS, signal },
    () => till.billing.status().waiting === 0,
  );
  const backlogSeconds = secondsSince(online);
  const { refused, issued } = till.billing.status();
  narrator.check(
    refused === 0 && issued === book.answers.length,
    `All ${issued} sales have their codes; those that waited within ${backlogSeconds} s of the first online sale.`,
  );
  return { offlineSeconds, onlineAgainSeconds, storedOffline, backlogSeconds };
}
