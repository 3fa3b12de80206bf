import { setTimeout as wait } from 'node:timers/promises';
import type { DemoTill, Sold } from '../sales-book.js';
import type { Stage } from '../stage.js';
import { waitUntil } from '../../fleet/wait-until.js';
import type { Outage } from './kill-server.js';

/** A till looks for the server after about as long again as it was gone; on a slow machine that is long. */
const NOTICE_LIMIT_MS = 60_000;
const DRAIN_LIMIT_MS = 60_000;
const LOOK_MS = 40;

/** The first sale of a till that had its code again, and what still waited at that moment. */
interface FirstOnline {
  readonly till: DemoTill;
  readonly sold: Sold;
  readonly waiting: number;
}

/** The server comes back while tills go on selling; the backlog drains, and new sales go first. */
export async function serverReturns(stage: Stage, outage: Outage): Promise<void> {
  const { narrator, local, tills, threshold, signal } = stage;
  narrator.step('The server comes back');
  narrator.say(
    `${waitingOf(tills)} invoices wait in the journals. The tills keep selling, and each finds out by itself that the server ` +
      `is there again. A new sale goes first; then up to ${threshold} of those that wait, oldest first, over the same connection.`,
  );
  const firsts = new Map<DemoTill, FirstOnline>();
  outage.watch((sold) => {
    if (sold.result.result === 'issued' && !firsts.has(sold.till))
      firsts.set(sold.till, { till: sold.till, sold, waiting: sold.till.billing.status().waiting });
  });
  const bar = narrator.bar('tills online again', tills.length);
  const show = (): void => bar.update(firsts.size, `${waitingOf(tills)} invoices wait`);
  const timer = setInterval(show, LOOK_MS);
  await local.server.start();
  clearInterval(timer);
  await waitUntil('every till sells online again', { limitMs: NOTICE_LIMIT_MS, signal }, () => {
    show();
    return firsts.size === tills.length;
  });
  bar.end();
  await showDraining(stage);
  await outage.busy.stop();
  await drainRest(tills);
  await checkOrder(stage, [...firsts.values()]);
}

/** The tills sell on meanwhile: their new sales do not wait for the old ones. */
async function showDraining({ narrator, tills, signal }: Stage): Promise<void> {
  const total = waitingOf(tills);
  const bar = narrator.bar('backlog gets codes', total);
  const end = performance.now() + DRAIN_LIMIT_MS;
  while (waitingOf(tills) > 0 && performance.now() < end) {
    bar.update(Math.max(0, total - waitingOf(tills)));
    await wait(LOOK_MS, undefined, { signal });
  }
  bar.end();
}

async function drainRest(tills: readonly DemoTill[]): Promise<void> {
  for (const till of tills) if (till.billing.status().waiting > 0) await till.billing.drain();
}

async function checkOrder(
  { narrator, ledger, tills, threshold }: Stage,
  firsts: readonly FirstOnline[],
): Promise<void> {
  let isAhead = true;
  for (const { till, sold, waiting } of firsts) {
    const own = await ledger.find(sold.result.invoiceId);
    const reissued = await ledger.firstReissue(till.terminalId);
    isAhead &&= waiting > 0 && own !== null && reissued !== null && own.sequence < reissued;
  }
  const waited = firsts.map(({ waiting }) => waiting).join(', ');
  narrator.check(
    isAhead,
    `On every till the first new sale had its code before any of those that waited (${waited} of them).`,
  );
  narrator.check(waitingOf(tills) === 0, 'Nothing waits any more: every offline sale has its code.');
  const largest = await ledger.largestReissue();
  narrator.check(
    largest <= threshold,
    `The largest request to the late door carried ${largest} invoices; ${threshold} are allowed.`,
  );
}

function waitingOf(tills: readonly DemoTill[]): number {
  return tills.reduce((sum, till) => sum + till.billing.status().waiting, 0);
}
