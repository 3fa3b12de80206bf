import { setTimeout as wait } from 'node:timers/promises';
import type { DemoTill } from '../../demo/sales-book.js';
import type { Stage } from '../stage.js';

/** A queue at the till, that never ends. */
const BETWEEN_SALES_MS = 50;

export interface RollingFigures {
  readonly soldWhileRolling: number;
  readonly offlineWhileRolling: number;
  readonly longestWhileRollingMs: number;
}

/** Each server's container is replaced, one after the other, as the handbook does for an upgrade, while a till sells all the time. */
export async function rollingRestart(stage: Stage, till: DemoTill): Promise<RollingFigures> {
  const { installation, narrator, book, signal } = stage;
  narrator.step('Both servers are replaced, one after the other, while the till sells');
  const rolled = new AbortController();
  const selling = sellUntil(stage, till, rolled.signal);
  // Its failure is told below, when both have ended.
  selling.catch(() => {});
  try {
    await installation.replaceServers();
    await book.sell(till);
    await wait(BETWEEN_SALES_MS, undefined, { signal });
  } finally {
    rolled.abort();
  }
  const { tookMs, offline } = await selling;
  const longestWhileRollingMs = Math.round(Math.max(...tookMs));
  narrator.check(
    offline === 0,
    `${tookMs.length} sales, ${offline} of them stored offline, none refused; the longest took ${longestWhileRollingMs} ms.`,
  );
  return { soldWhileRolling: tookMs.length, offlineWhileRolling: offline, longestWhileRollingMs };
}

async function sellUntil(
  { book, signal }: Stage,
  till: DemoTill,
  end: AbortSignal,
): Promise<{ readonly tookMs: readonly number[]; readonly offline: number }> {
  const tookMs: number[] = [];
  let offline = 0;
  while (!end.aborted) {
    const sold = await book.sell(till);
    tookMs.push(sold.tookMs);
    offline += sold.result.result === 'issued' ? 0 : 1;
    await wait(BETWEEN_SALES_MS, undefined, { signal });
  }
  return { tookMs, offline };
}
