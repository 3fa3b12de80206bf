import { draftRefund } from '../goods.js';
import { type Stage, tillAt } from '../stage.js';
import { waitUntil } from '../../fleet/wait-until.js';

const NOTICE_LIMIT_MS = 30_000;
/** Tills drain by themselves soon after the line is back; the scene is played again if one was faster than the customer. */
const TAKES = 3;

/** A customer brings back what was sold without the line: the original goes to the server before its refund. */
export async function refundOfflineSale(stage: Stage): Promise<void> {
  const { narrator, ledger } = stage;
  narrator.step('A refund of an offline sale takes its original along');
  narrator.say(
    'The line is cut, and the café sells three times without it. When the line is back, the customer of the third sale is first at the counter and wants the money back.',
  );
  for (let take = 1; take <= TAKES; take += 1) {
    const { original, refund, others } = await playRefund(stage);
    const first = await ledger.find(original);
    const second = await ledger.find(refund);
    const stillWaited = others.filter((other) => other).length;
    if (stillWaited === 0 && take < TAKES) continue;
    narrator.check(
      first !== null && second !== null && first.sequence < second.sequence,
      `The original has its code (number ${first?.sequence ?? '?'}) and the refund has one (${second?.sequence ?? '?'}), in this order.`,
    );
    narrator.check(stillWaited > 0, `Older sales did not come before it: ${stillWaited} of them still waited.`);
    return;
  }
}

async function playRefund(stage: Stage): Promise<{ original: string; refund: string; others: boolean[] }> {
  const { line, book, signal } = stage;
  const till = tillAt(stage, 1);
  await book.sell(till);
  await line.cut();
  const others = [await book.sell(till), await book.sell(till)];
  const sale = await book.sell(till);
  await line.mend();
  await waitUntil(
    `${till.terminalId} finds the line again`,
    { limitMs: NOTICE_LIMIT_MS, signal },
    () => till.billing.status().circuit === 'closed',
  );
  const { terminalId, invoiceId } = sale.result;
  const refund = await book.sell(till, draftRefund(sale.draft, { terminalId, invoiceId }));
  const states = others.map((other) => till.billing.lookUp(other.saleId)?.result === 'stored_offline');
  await till.billing.drain();
  return { original: invoiceId, refund: refund.result.invoiceId, others: states };
}
