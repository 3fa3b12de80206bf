import { type Stage, tillAt } from '../stage.js';

/** The till's software did not get the answer, or did not believe it, and asks again. */
export async function askTwice(stage: Stage): Promise<void> {
  const { narrator, book } = stage;
  narrator.step('A till’s software asks twice for one sale');
  const till = tillAt(stage, 0);
  const { saleId, draft, result: first } = await book.sell(till);
  narrator.say(`It crashed, say, before it had printed sale ${saleId}. It asks again with the same saleId.`);
  const again = await till.billing.issue(saleId, draft);
  const isSame = first.result === 'issued' && again.result === 'issued' && again.receiptJws === first.receiptJws;
  narrator.check(isSame, 'The second answer is the same receipt, byte for byte; nothing was sold twice.');
  const other = await till.billing.issue(saleId, book.draftNext(till));
  narrator.check(other.result === 'sale_id_conflict', 'Another sale under that saleId is not taken: sale_id_conflict.');
}
