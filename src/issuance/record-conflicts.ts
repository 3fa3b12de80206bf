import type { Queryable } from '../ledger/queryable.js';
import { type RefusedInvoice, recordRefusals } from '../ledger/refused-invoices.js';
import { type AuthenticInvoice, jwsOf } from './authentic-invoice.js';
import type { IssueOutcome } from './outcome.js';

/** Keeps what only the ledger could refuse: identities that were used before with other content. */
export async function recordConflicts(
  client: Queryable,
  list: readonly AuthenticInvoice[],
  outcomes: readonly IssueOutcome[],
): Promise<void> {
  const conflicts = list.flatMap((authentic, index): RefusedInvoice[] => {
    const result = outcomes[index]?.result;
    if (result?.result !== 'refused') return [];
    const { id, journalId, counter, terminalId } = authentic.invoice;
    return [
      {
        terminalId,
        body: jwsOf(authentic),
        problem: result.problem,
        claims: { invoiceId: id, journalId, counter },
        door: authentic.arrival.door,
        attemptId: authentic.arrival.attemptId,
      },
    ];
  });
  await recordRefusals(client, conflicts);
}
