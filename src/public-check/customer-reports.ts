import type { CustomerReport, Page, PageQuery, ReportState, ReportStateRequest } from '@tax-control/protocol/console';
import type { Pool } from 'pg';
import type { Sql } from '../registry/sql.js';
import type { ReceiptReport } from './report.js';

/** Premises whose reports an official may see; `all` sees those of no known premises too. */
type VisiblePremises = 'all' | readonly string[];

const NEWEST_MARK = `
LEFT JOIN LATERAL (
  SELECT state, note, official, marked_at FROM receipt_report_mark AS mark
  WHERE mark.report_id = report.report_id ORDER BY mark_id DESC LIMIT 1
) AS mark ON true`;

const SELECT = `
SELECT report.report_id, report.reported_at, report.code, report.terminal_id, report.invoice_id, report.premises_id,
       report.standing, report.reason, report.message, report.language,
       premises.name AS premises_name, premises.region, premises.taxpayer_id,
       coalesce(mark.state, 'new') AS state, mark.note, mark.official, mark.marked_at
FROM receipt_report AS report LEFT JOIN premises USING (premises_id) ${NEWEST_MARK}`;

/** Customers' reports about receipts, and what officials made of them: both only ever added. */
export class CustomerReports {
  constructor(private readonly pool: Pool) {}

  /** Stores a report. Not idempotent: a second click is a second report. @returns its number */
  async add(report: ReceiptReport): Promise<string> {
    const { code, terminalId, invoiceId, premisesId, standing, reason, message, language } = report;
    const { rows } = await this.pool.query<{ report_id: string }>(
      `INSERT INTO receipt_report (code, terminal_id, invoice_id, premises_id, standing, reason, message, language)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING report_id`,
      [code, terminalId, invoiceId, premisesId, standing, reason, message, language],
    );
    return String(rows[0]?.report_id);
  }

  /** One page of the reports that an official may see, newest first. @param state only these; null: all @param after id of the last report before the page, if that is known */
  async list(
    { page, pageSize }: PageQuery,
    state: ReportState | null,
    view: VisiblePremises,
    after?: string,
  ): Promise<Page<CustomerReport>> {
    const { rows } = await this.pool.query<ReportRow>(
      `${SELECT}
       WHERE ($1::text[] IS NULL OR report.premises_id = ANY($1)) AND ($2::text IS NULL OR coalesce(mark.state, 'new') = $2)
         AND ($5::bigint IS NULL OR report.report_id < $5)
       ORDER BY report.report_id DESC LIMIT $3 OFFSET $4`,
      [premisesOf(view), state, pageSize + 1, after === undefined ? (page - 1) * pageSize : 0, after],
    );
    const items = rows.slice(0, pageSize).map(fromRow);
    return { items, page, pageSize, more: rows.length > pageSize, total: null };
  }

  /**
   * Adds an official's mark. Not idempotent: the newest of several counts.
   * @param official name of whoever marks it
   * @returns the report as it stands now; null where there is none that the official may see
   */
  async setState(
    reportId: string,
    { state, note }: ReportStateRequest,
    official: string,
    view: VisiblePremises,
    sql: Sql = this.pool,
  ): Promise<CustomerReport | null> {
    if (!/^[1-9]\d{0,17}$/.test(reportId)) return null;
    const { rowCount } = await sql.query(
      `INSERT INTO receipt_report_mark (report_id, state, note, official)
       SELECT report_id, $2, $3, $4 FROM receipt_report
       WHERE report_id = $1 AND ($5::text[] IS NULL OR premises_id = ANY($5))`,
      [reportId, state, note, official, premisesOf(view)],
    );
    if (rowCount === 0) return null;
    const { rows } = await sql.query<ReportRow>(`${SELECT} WHERE report.report_id = $1`, [reportId]);
    return rows[0] === undefined ? null : fromRow(rows[0]);
  }
}

function premisesOf(view: VisiblePremises): readonly string[] | null {
  return view === 'all' ? null : view;
}

interface ReportRow {
  readonly report_id: string;
  readonly reported_at: Date;
  readonly code: string | null;
  readonly terminal_id: string | null;
  readonly invoice_id: string | null;
  readonly premises_id: string | null;
  readonly premises_name: string | null;
  readonly region: string | null;
  readonly taxpayer_id: string | null;
  readonly standing: string;
  readonly reason: string;
  readonly message: string;
  readonly language: string;
  readonly state: ReportState;
  readonly note: string | null;
  readonly official: string | null;
  readonly marked_at: Date | null;
}

function fromRow(row: ReportRow): CustomerReport {
  return {
    reportId: row.report_id,
    receivedAt: row.reported_at.toISOString(),
    code: row.code,
    terminalId: row.terminal_id,
    invoiceId: row.invoice_id,
    premisesId: row.premises_id,
    premisesName: row.premises_name,
    region: row.region,
    taxpayerId: row.taxpayer_id,
    kind: row.reason,
    standing: row.standing,
    text: row.message,
    language: row.language,
    state: row.state,
    handledBy: row.official,
    handledAt: row.marked_at?.toISOString() ?? null,
    note: row.note,
  };
}
