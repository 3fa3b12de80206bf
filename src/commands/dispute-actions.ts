import { formatCode } from '@tax-control/protocol';
import type { CodeDispute, DisputeDecision } from '@tax-control/protocol/console';
import { listDisputes, settleDispute } from '../ledger/disputes.js';
import { withDatabase } from './operator-database.js';
import { done, type Outcome, refused } from './outcome.js';
import { recordCommand } from './record-command.js';
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
export function settle(code: string, { onFile: codeOnFile, stands, reason }: SettleOptions): Promise<Outcome> {
  return withDatabase(async (pool) => {
    const { rows } = await pool.query<{ login: string }>('SELECT session_user::text AS login');
    const settled = await settleDispute(pool, {
      code,
      codeOnFile,
      stands,
      reason,
      settledBy: rows[0]?.login ?? '',
      premisesIds: null,
      record: (client, { terminalId }) =>
        recordCommand(client, {
          action: 'dispute.settled',
          subject: terminalId,
          reason,
          facts: { code, codeOnFile, stands },
        }),
    });
    if (settled === null)
      return refused(
        `The code ${formatCode(code)} is in no dispute with ${formatCode(codeOnFile)}. See: tax-control dispute list --all`,
      );
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
