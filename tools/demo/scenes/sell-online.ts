import { receiptText } from '@tax-control/billing-interface';
import { medianMs, slowestMs } from '../sale-times.js';
import type { Sold } from '../sales-book.js';
import { type Stage, tillAt } from '../stage.js';

/** Enough to see that it works, few enough to wait for. */
const SALES_PER_TILL = 20;

/** Every sale gets its code while the customer waits. */
export async function sellOnline(stage: Stage): Promise<void> {
  const { narrator, tills, book } = stage;
  narrator.step('All three tills sell, and every sale gets its tax control code at once');
  const bar = narrator.bar('selling online', tills.length * SALES_PER_TILL);
  const sold: Sold[] = [];
  await Promise.all(
    tills.map(async (till) => {
      for (let count = 0; count < SALES_PER_TILL; count += 1) {
        sold.push(await book.sell(till));
        bar.update(sold.length);
      }
    }),
  );
  bar.end();
  const issued = sold.filter((one) => one.result.result === 'issued');
  narrator.check(issued.length === sold.length, `${issued.length} of ${sold.length} sales have their code.`);
  narrator.say(`A cashier waited ${medianMs(sold)} ms (median); the slowest sale took ${slowestMs(sold)} ms.`);
  const example = sold.findLast((one) => one.till === tillAt(stage, 1))?.result;
  if (example?.result !== 'issued') return;
  narrator.say(
    'This is what the customer gets. The code stands in four groups of five digits; the QR leads to a page that tells whether it is genuine:',
  );
  narrator.paper(receiptText(example, { columns: 42, language: 'en', qr: narrator.isTerminal ? 'screen' : 'paper' }));
}
