import { runAudit } from '../audit/audit.js';
import { reportLines } from '../audit/report-lines.js';
import { LEDGER_COLUMNS, type LedgerRow } from '../audit/stored-invoice.js';
import { compare, type Comparison } from './compare.js';
import type { SalesBook } from './sales-book.js';
import type { Scene } from './scene.js';

/** What the database holds beside what tills have printed. */
export interface Judgement extends Comparison {
  readonly invoices: number;
  /** Came back from tills after a restore. */
  readonly restored: number;
  /** The audit's report. */
  readonly auditLines: readonly string[];
}

/** Compares what each till has printed with what the database holds, and lets the audit look at it, beside what the tills hold. */
export async function judge(scene: Scene, book: SalesBook, tillExports: readonly string[]): Promise<Judgement> {
  const rows = await scene.query<LedgerRow & { readonly restored_at: Date | null }>(
    `SELECT ${LEDGER_COLUMNS} FROM ledger`,
  );
  const { setBack, dead, local } = scene;
  const { faults, goneWithDisk } = compare({ printed: book.all, setBack, dead }, rows);
  const { auditor: databaseUrl } = local.databaseUrls;
  const report = await runAudit({ databaseUrl, keysDirectory: local.paths.keys, tillExports });
  const found = report.verdicts.flatMap(({ id, findings }) => findings.map((finding) => `${id}: ${finding}`));
  return {
    faults: [...book.faults, ...faults, ...found],
    goneWithDisk,
    invoices: rows.length,
    restored: rows.filter((row) => row.restored_at !== null).length,
    auditLines: reportLines(report, (_style, text) => text),
  };
}
