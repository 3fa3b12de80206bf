import { type Stage, tillAt } from '../stage.js';
import { waitUntil } from '../../fleet/wait-until.js';

/** The till finds out by itself that the line is back: its probes come at growing intervals. */
const DRAIN_LIMIT_MS = 20_000;

/** The server issues, and the answer never arrives. */
export async function loseAnswer(stage: Stage): Promise<void> {
  const { narrator, book, line, ledger, signal } = stage;
  narrator.step('One answer is lost on its way');
  const till = tillAt(stage, 2);
  await book.sell(till);
  narrator.say(
    `A relay stands between tills and server. It lets the next request of ${till.terminalId} through and swallows the answer.`,
  );
  const lost = line.loseNextAnswer();
  const { result } = await book.sell(till);
  const onFile = await ledger.find(result.invoiceId);
  narrator.check(lost.bytesLost > 0, `The relay swallowed ${lost.bytesLost} bytes that the server had sent.`);
  narrator.check(onFile !== null, `The server had given the code ${onFile?.code ?? '?'} before that.`);
  narrator.check(
    result.result === 'stored_offline',
    `The till does not know it and has printed a receipt without code (${'cause' in result ? result.cause : result.result}).`,
  );
  narrator.say('It sends the same bytes again as soon as it gets through.');
  await till.billing.drain();
  await waitUntil(
    `${till.terminalId} has nothing waiting`,
    { limitMs: DRAIN_LIMIT_MS, signal },
    () => till.billing.status().waiting === 0,
  );
  const later = till.billing.lookUp(`${till.terminalId}/${result.invoice.number}`);
  const isSame = later?.result === 'issued' && later.code === onFile?.code && later.receipt.door === 'issue';
  narrator.check(isSame, 'The answer is already_issued, with that same code: one invoice, one code.');
}
