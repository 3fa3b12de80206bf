import type { DemoTill, Sold } from '../sales-book.js';
import { type Stage, tillAt } from '../stage.js';

/** A suspension is in force within a second; twice that is enough to see that it is not. */
const IN_FORCE_LIMIT_MS = 2_000;

/** The office stops a till; its cashier is told why, and what it had signed is not lost. */
export async function suspendTill(stage: Stage): Promise<void> {
  const { narrator, local, book } = stage;
  const till = tillAt(stage, 2);
  narrator.step('A till is suspended and is told why');
  await local.control('terminal', 'suspend', till.terminalId, '--reason', 'moved without notice');
  const began = performance.now();
  const signed = await sellUntilBarred(stage, till);
  const tookMs = Math.round(performance.now() - began);
  const cause = 'cause' in signed.result ? signed.result.cause : signed.result.result;
  narrator.check(
    cause === 'terminal_suspended',
    `In force ${tookMs} ms after the operator’s command. The sale of that moment is kept with its cause: ${cause}.`,
  );
  const next = await till.billing.issue(`${till.terminalId}/barred`, book.draftNext(till));
  narrator.check(next.result === 'not_permitted', 'The next one is not even signed: not_permitted. The cashier reads:');
  if ('detail' in next) narrator.say(`“${next.detail}”`);
  await local.control('terminal', 'resume', till.terminalId, '--reason', 'new address registered');
  narrator.say('The office lets it sell again.');
  await till.billing.drain();
  const later = till.billing.lookUp(signed.saleId);
  narrator.check(later?.result === 'issued', 'What it had signed has its code now.');
}

async function sellUntilBarred({ book }: Stage, till: DemoTill): Promise<Sold> {
  const end = performance.now() + IN_FORCE_LIMIT_MS;
  for (;;) {
    const sold = await book.sell(till);
    if (sold.result.result !== 'issued' || performance.now() > end) return sold;
  }
}
