import { type Clock, formatCode, isProblem } from '@tax-control/protocol';
import type { CodeDispute, DisputeDecision } from '@tax-control/protocol/console';
import { DisputeActs } from '../administration/disputes.js';
import { listDisputes } from '../ledger/disputes.js';
import { withActs } from './acts.js';
import { withDatabase } from './operator-database.js';
import { done, type Outcome, refusedBy } from './outcome.js';
import { table } from './table.js';

export interface ListDisputesOptions {
  readonly all?: true;
  readonly limit?: number;
}

export interface SettleOptions {
  readonly onFile: string;
  readonly stands: DisputeDecision;
  readonly reason: string;
}

const LIST_LIMIT = 100;

/** `list` */
export function listAllDisputes({ all, limit = LIST_LIMIT }: ListDisputesOptions): Promise<Outcome> {
  return withDatabase(async (pool) => {
    const disputes = await listDisputes(pool, {
      code: null,
      codeOnFile: null,
      premisesIds: null,
      isOpen: all !== true,
      limit,
    });
    return done({ disputes }, disputeTable(disputes));
  });
}

/** `settle` */
export function settle(
  code: string,
  { onFile: codeOnFile, stands, reason }: SettleOptions,
  clock: Clock,
): Promise<Outcome> {
  return withActs(clock, async ({ acts, actor }) => {
    const settled = await new DisputeActs(acts).settle(actor, { code, codeOnFile }, { stands, reason });
    if (isProblem(settled))
      return refusedBy(settled, {
        not_on_file: `The code ${formatCode(code)} is in no dispute with ${formatCode(codeOnFile)}. See: tax-control dispute list --all`,
      });
    const intro = settled.result === 'known' ? 'It was decided so before.' : 'Settled. Both receipts stay kept.';
    return done(settled, `${intro}\n\n${disputeTable([settled.dispute])}`);
  });
}

function disputeTable(disputes: readonly CodeDispute[]): string {
  return table(
    ['CODE OF THE RECEIPT', 'CODE ON FILE', 'TERMINAL', 'INVOICE', 'FOUND', 'STANDS', 'SETTLED BY', 'REASON'],
    disputes.map(({ code, codeOnFile, terminalId, invoiceId, foundAt, settlement }) => [
      formatCode(code),
      formatCode(codeOnFile),
      terminalId,
      invoiceId ?? '',
      foundAt,
      settlement?.stands ?? 'open',
      settlement?.settledBy ?? '',
      settlement?.reason ?? '',
    ]),
  );
}
