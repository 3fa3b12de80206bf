import type { Pool } from 'pg';
import type { Standing } from './findings.js';
import type { ReceiptReport, ReportReason } from './report.js';

/** A report as officials read it. The texts are a stranger's: show them as text. */
export interface StoredReport extends ReceiptReport {
  readonly reportId: number;
  readonly reportedAt: Date;
}

/**
 * Which reports to list, newest first.
 * @property premises that the official may see; `all` shows those of no known premises too
 * @property from, to as `reported_at` (from inclusive, to exclusive); null: open
 * @property before the `reportId` where the last page ended; null for the first page
 * @property limit at most {@link REPORTS_LIMIT_MAX}
 */
export interface ReportQuery {
  readonly premises: 'all' | readonly string[];
  readonly from: Date | null;
  readonly to: Date | null;
  readonly before: number | null;
  readonly limit: number;
}

/** Rows of one page: what a screen or a sheet of paper takes. */
export const REPORTS_LIMIT_MAX = 500;

/** Customers' reports about receipts: only ever added. */
export class ReceiptReports {
  constructor(private readonly pool: Pool) {}

  /** Stores a report. Not idempotent: a second click is a second report. @returns its number */
  async add(report: ReceiptReport): Promise<number> {
    const { code, terminalId, invoiceId, premisesId, standing, reason, message, language } = report;
    const { rows } = await this.pool.query<{ report_id: string }>(
      `INSERT INTO receipt_report (code, terminal_id, invoice_id, premises_id, standing, reason, message, language)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING report_id`,
      [code, terminalId, invoiceId, premisesId, standing, reason, message, language],
    );
    return Number(rows[0]?.report_id);
  }

  /** One page of the reports that an official may see. */
  async list({ premises, from, to, before, limit }: ReportQuery): Promise<StoredReport[]> {
    const { rows } = await this.pool.query<ReportRow>(
      `SELECT report_id, reported_at, code, terminal_id, invoice_id, premises_id, standing, reason, message, language
       FROM receipt_report
       WHERE ($1::text[] IS NULL OR premises_id = ANY($1))
         AND ($2::timestamptz IS NULL OR reported_at >= $2) AND ($3::timestamptz IS NULL OR reported_at < $3)
         AND ($4::bigint IS NULL OR report_id < $4)
       ORDER BY report_id DESC LIMIT $5`,
      [premises === 'all' ? null : premises, from, to, before, Math.min(limit, REPORTS_LIMIT_MAX)],
    );
    return rows.map(fromRow);
  }
}

interface ReportRow {
  readonly report_id: string;
  readonly reported_at: Date;
  readonly code: string | null;
  readonly terminal_id: string | null;
  readonly invoice_id: string | null;
  readonly premises_id: string | null;
  readonly standing: Standing;
  readonly reason: ReportReason;
  readonly message: string;
  readonly language: string;
}

function fromRow(row: ReportRow): StoredReport {
  const { code, standing, reason, message, language } = row;
  return {
    reportId: Number(row.report_id),
    reportedAt: row.reported_at,
    code,
    terminalId: row.terminal_id,
    invoiceId: row.invoice_id,
    premisesId: row.premises_id,
    standing,
    reason,
    message,
    language,
  };
}
