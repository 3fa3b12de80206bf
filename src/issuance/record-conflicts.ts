import type { Refusals } from '../ledger/refusals.js';
import type { RefusedInvoice } from '../ledger/refused-invoices.js';
import { type AuthenticInvoice, jwsOf } from './authentic-invoice.js';
import { type IssueOutcome, turnedAwayWith } from './outcome.js';

/**
 * Keeps what only the ledger could refuse: identities that were used before with other content.
 * @returns the outcomes as they are to be told
 */
export async function recordConflicts(
  refusals: Refusals,
  list: readonly AuthenticInvoice[],
  outcomes: readonly IssueOutcome[],
): Promise<IssueOutcome[]> {
  const conflicts = new Map<number, RefusedInvoice>();
  for (const [index, authentic] of list.entries()) {
    const result = outcomes[index]?.result;
    if (result?.result !== 'refused') continue;
    const { id, journalId, counter, terminalId } = authentic.invoice;
    conflicts.set(index, {
      terminalId,
      body: jwsOf(authentic),
      problem: result.problem,
      claims: { invoiceId: id, journalId, counter },
      door: authentic.arrival.door,
      attemptId: authentic.arrival.attemptId,
    });
  }
  const told = await refusals.record([...conflicts.values()]);
  const problems = new Map([...conflicts.keys()].map((index, place) => [index, told[place]]));
  return outcomes.map((outcome, index) => {
    const problem = problems.get(index);
    return problem === undefined ? outcome : { ...outcome, result: turnedAwayWith(problem) };
  });
}
