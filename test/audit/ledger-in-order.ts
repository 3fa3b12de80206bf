import { type AuditReport, runAudit } from '../../tools/audit/audit.js';
import type { CheckId, Verdict } from '../../tools/audit/verdict.js';
import { ForgedLedger } from './forged-ledger.js';

/** Two tills, five invoices of every kind of reference and header, one refusal: all in order. */
export async function ledgerInOrder(): Promise<ForgedLedger> {
  const ledger = await ForgedLedger.create();
  const [first, second] = [await ledger.addTill('till-1'), await ledger.addTill('till-2')];
  const original = await ledger.issue(first);
  const reference = { terminalId: 'till-1', invoiceId: original.row.invoice_id };
  await ledger.issue(first, { kind: 'refund', total: -120, reference });
  await ledger.issue(
    second,
    { kind: 'void', total: 0, reference: { code: original.row.code } },
    { resolved: reference },
  );
  await ledger.issue(second, { number: 'ü', issuedAt: '1969-12-31T23:59:59.500Z', reference: { reason: 'none' } });
  await ledger.refuse(second);
  await ledger.issue(second, { total: Number.MAX_SAFE_INTEGER }, { header: { typ: 'invoice+jws', alg: 'ES256' } });
  return ledger;
}

/** The real audit, as the auditor's role; `lines` are written as one till's exported journal. */
export async function audit(
  ledger: ForgedLedger,
  options: { readonly lines?: readonly object[]; readonly allowWaiting?: boolean } = {},
): Promise<AuditReport> {
  const tillExports = options.lines === undefined ? [] : [await ledger.writeExport(options.lines)];
  const { keysDirectory, database } = ledger;
  const allowWaiting = options.allowWaiting ?? false;
  return runAudit({ databaseUrl: database.auditorUrl, keysDirectory, tillExports, allowWaiting });
}

export function verdictOf(report: AuditReport, id: CheckId): Verdict {
  const verdict = report.verdicts.find((candidate) => candidate.id === id);
  if (verdict === undefined) throw new Error(`no verdict ${id}`);
  return verdict;
}

export function brokenChecks(report: AuditReport): CheckId[] {
  return report.verdicts.filter((verdict) => verdict.held === false).map((verdict) => verdict.id);
}
