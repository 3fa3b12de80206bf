import type { DemoTill } from '../../demo/sales-book.js';
import { secondsSince, type Stage, waitFor, waitUntilReady } from '../stage.js';

/** Enough for a median, and for both addresses to be tried. */
const SALES = 20;
/** The engine starts a container that ended at once, or after a few seconds if it lived shortly. */
const RESTART_LIMIT_MS = 60_000;

export interface ServerFigures {
  readonly usualSaleMs: number;
  /** The sale that found the server gone, and had to find the other one. */
  readonly longestSaleMs: number;
  readonly soldWithoutServer: number;
  readonly offlineWithoutServer: number;
  readonly serverBackSeconds: number;
}

/** One server is killed, the till goes on by the other address; a server that ends by itself is started again by the engine. */
export async function serverDies(stage: Stage, till: DemoTill): Promise<ServerFigures> {
  const { installation, narrator } = stage;
  narrator.step('The server that the till talks to is killed');
  const before = await sellMany(stage, till);
  const usualSaleMs = Math.round(before.tookMs.toSorted((one, other) => one - other)[SALES / 2] ?? 0);
  await installation.compose(['kill', 'server-1']);
  const without = await sellMany(stage, till);
  const longestSaleMs = Math.round(Math.max(...without.tookMs));
  narrator.check(
    without.offline === 0,
    `${SALES} sales went on by the other address with their codes; the longest took ${longestSaleMs} ms, usual are ${usualSaleMs} ms.`,
  );
  const began = performance.now();
  await installation.compose(['start', 'server-1']);
  await waitUntilReady(stage, 'server-1');
  const serverBackSeconds = secondsSince(began);
  narrator.say(`It is ready again ${serverBackSeconds} s after it was started.`);

  const container = await installation.containerOf('server-2');
  await installation.docker(['exec', container, 'node', '-e', 'process.kill(1, "SIGTERM")']);
  await waitFor('the engine has started server-2 again', RESTART_LIMIT_MS, stage.signal, async () => {
    const restarts = await installation.docker(['inspect', '--format', '{{.RestartCount}}', container]);
    return Number(restarts) > 0;
  });
  await waitUntilReady(stage, 'server-2');
  narrator.check(true, 'A server whose process ended was started again by the engine.');
  return {
    usualSaleMs,
    longestSaleMs,
    soldWithoutServer: SALES,
    offlineWithoutServer: without.offline,
    serverBackSeconds,
  };
}

async function sellMany(
  { book }: Stage,
  till: DemoTill,
): Promise<{ readonly tookMs: readonly number[]; readonly offline: number }> {
  const sold = [];
  for (let number = 0; number < SALES; number += 1) sold.push(await book.sell(till));
  return {
    tookMs: sold.map(({ tookMs }) => tookMs),
    offline: sold.filter(({ result }) => result.result !== 'issued').length,
  };
}
