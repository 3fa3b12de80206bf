import { receiptText } from '@tax-control/billing-interface';
import { type BusyTills, keepSelling } from '../keep-selling.js';
import { slowestMs } from '../sale-times.js';
import type { Sold } from '../sales-book.js';
import type { Stage } from '../stage.js';

/** Sales before the server dies: enough that all tills are in full swing. */
const SALES_BEFORE = 15;
/** Sales without server: for each till several times the threshold of the demo. */
const SALES_WITHOUT = 90;
/** Between two sales of one till: a person can follow the bar. */
const PAUSE_MS = 60;

/** Tills in the middle of selling, and what they sold since the server died. */
export interface Outage {
  readonly busy: BusyTills;
  readonly sold: readonly Sold[];
  /** Told every sale from now on. */
  watch(onSold: (sold: Sold) => void): void;
}

/** The server dies while tills are selling; they go on. They still sell when this returns. */
export async function killServer({ narrator, local, tills, book, deadlineMs, signal }: Stage): Promise<Outage> {
  narrator.step('The server is killed while all tills are selling');
  const bar = narrator.bar('selling', SALES_BEFORE + SALES_WITHOUT);
  const sold: Sold[] = [];
  let isDown = false;
  let onSold = (): void => bar.update(busy.sold.length, isDown ? 'server killed' : '');
  let watch: (one: Sold) => void = () => {};
  const busy = keepSelling(tills, book, PAUSE_MS, signal, (one) => {
    if (isDown) sold.push(one);
    onSold();
    watch(one);
  });
  await busy.reach(SALES_BEFORE);
  isDown = true;
  await local.server.kill();
  await busy.reach(SALES_BEFORE + SALES_WITHOUT);
  onSold = () => {};
  bar.end();

  const offline = sold.filter((one) => one.result.result === 'stored_offline');
  narrator.say('That was SIGKILL: no time to say goodbye. The shops go on selling.');
  narrator.check(
    offline.length > 0,
    `${offline.length} sales were signed, synced to the tills’ disks, and printed without code.`,
  );
  narrator.check(
    slowestMs(sold) <= deadlineMs,
    `The longest that a cashier waited was ${slowestMs(sold)} ms; ${deadlineMs} ms are allowed.`,
  );
  const example = offline.at(-1)?.result;
  if (example !== undefined && example.result === 'stored_offline') {
    narrator.say('A receipt of that time. Its QR leads to the code as soon as there is one:');
    narrator.paper(receiptText(example, { columns: 42, language: 'en', qr: 'none' }));
  }
  return {
    busy,
    sold,
    watch: (told) => {
      watch = told;
    },
  };
}
