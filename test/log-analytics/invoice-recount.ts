import type { Filter } from '@tax-control/protocol/console';
import type { Pool } from 'pg';
import type { Span } from '../../src/log-analytics/statistics/period.js';
import type { View } from '../../src/log-analytics/statistics/scope.js';

/** What a span comes to, counted row by row from ledger, content and refused invoices: nothing of the sums, nor of the views, is used. */
export interface Recount {
  readonly figures: Record<string, number>;
  readonly money: Record<string, string>;
  readonly taxes: Record<string, string>;
  readonly warnings: Record<string, number>;
  readonly waits: {
    readonly count: number;
    readonly median: number | null;
    readonly p95: number | null;
    readonly max: number | null;
  };
}

const WHERE = `
  ($3::text[] IS NULL OR premises.premises_id = ANY($3)) AND ($4::text[] IS NULL OR premises.region = ANY($4))
  AND ($5::text[] IS NULL OR premises.taxpayer_id = ANY($5)) AND ($6::text[] IS NULL OR premises.premises_id = ANY($6))
  AND ($7::text[] IS NULL OR terminal.terminal_id = ANY($7))`;

const LEDGER = `
  FROM ledger JOIN terminal USING (terminal_id) JOIN premises ON premises.premises_id = terminal.premises_id
  WHERE COALESCE(counted_at, issued_at) >= $1 AND COALESCE(counted_at, issued_at) < $2 AND ${WHERE} AND ($8::text IS NULL OR door = $8)`;
const FISCAL = `type NOT IN ('training', 'proforma', 'copy')`;

export class InvoiceRecount {
  readonly #values: unknown[];

  constructor(
    private readonly pool: Pool,
    span: Span,
    view: View,
    private readonly filter: Filter,
  ) {
    const { regions, taxpayerIds, premisesIds, terminalIds, door } = filter;
    this.#values = [
      new Date(span.fromMs),
      new Date(span.toMs),
      view === 'all' ? null : view,
      regions ?? null,
      taxpayerIds ?? null,
      premisesIds ?? null,
      terminalIds ?? null,
      door ?? null,
    ];
  }

  async all(): Promise<Recount> {
    const [ledger] = await this.#rows(
      `SELECT count(*) FILTER (WHERE ${FISCAL}) AS invoices, count(*) FILTER (WHERE ${FISCAL} AND door = 'issue') AS online,
              count(*) FILTER (WHERE ${FISCAL} AND door = 'reissue') AS reissued, count(*) FILTER (WHERE NOT ${FISCAL}) AS "notFiscal",
              count(*) FILTER (WHERE ${FISCAL} AND sequence IN (SELECT sequence FROM invoice_warning)) AS "withWarnings" ${LEDGER}`,
    );
    const [refused] = await this.#rows(
      `SELECT count(*) AS refused
       FROM refused_invoice JOIN terminal USING (terminal_id) JOIN premises ON premises.premises_id = terminal.premises_id
       WHERE refused_at >= $1 AND refused_at < $2 AND ${WHERE} AND ($8::text IS NULL OR door = $8) AND ($9::text[] IS NULL OR cause = ANY($9))`,
      [this.filter.causes ?? null],
    );
    const [pending] = await this.#rows(
      `SELECT count(*) AS pending FROM (
         SELECT terminal_id, invoice_id, min(at) AS first FROM transaction_log_entry
         WHERE outcome IN ('failed', 'deferred', 'not_authenticated', 'not_tried') GROUP BY 1, 2
       ) AS waiting JOIN terminal USING (terminal_id) JOIN premises ON premises.premises_id = terminal.premises_id
       WHERE first >= $1 AND first < $2 AND ${WHERE} AND ($8::text IS NULL OR true)
         AND (terminal_id, invoice_id) NOT IN (SELECT terminal_id, invoice_id FROM ledger)
         AND (terminal_id, invoice_id) NOT IN (SELECT terminal_id, invoice_id FROM refused_invoice WHERE invoice_id IS NOT NULL)
         AND (terminal_id, invoice_id) NOT IN (SELECT terminal_id, invoice_id FROM transaction_log_entry WHERE outcome = 'refused')`,
    );
    const money = await this.#rows(
      `SELECT currency, kind, count(*) AS times, sum(total) AS amount ${LEDGER} AND ${FISCAL} GROUP BY 1, 2`,
    );
    const taxes = await this.#rows(
      `SELECT currency, tax->>'category' AS category, trim_scale((tax->>'rate')::numeric) AS rate,
              sum((tax->>'base')::bigint) AS base, sum((tax->>'amount')::bigint) AS amount
       FROM (SELECT * ${LEDGER} AND ${FISCAL}) AS invoice
       JOIN content USING (sequence), jsonb_array_elements(convert_from(payload, 'UTF8')::jsonb->'taxes') AS tax GROUP BY 1, 2, 3`.replace(
        'SELECT * ',
        'SELECT ledger.* ',
      ),
    );
    const warnings = await this.#rows(
      `SELECT warning, count(*) AS times FROM invoice_warning WHERE sequence IN (SELECT sequence ${LEDGER} AND ${FISCAL}) GROUP BY 1`,
    );
    const [waits] = await this.#rows(
      `SELECT count(*) AS count, percentile_disc(0.5) WITHIN GROUP (ORDER BY ms) AS median, percentile_disc(0.95) WITHIN GROUP (ORDER BY ms) AS p95, max(ms) AS max
       FROM (SELECT (extract(epoch FROM ledger.registered_at) * 1000 - extract(epoch FROM issued_at) * 1000)::bigint AS ms ${LEDGER} AND ${FISCAL} AND door = 'reissue' AND counted_at IS NULL) AS wait`,
    );
    return {
      figures: numbers({ ...ledger, ...refused, ...pending }),
      money: Object.fromEntries(
        money.map(({ currency, kind, times, amount }) => [`${currency}/${kind}`, `${times}: ${amount}`]),
      ),
      taxes: Object.fromEntries(
        taxes.map(({ currency, category, rate, base, amount }) => [
          `${currency}/${category}/${rate}`,
          `${base}/${amount}`,
        ]),
      ),
      warnings: numbers(Object.fromEntries(warnings.map(({ warning, times }) => [warning, times]))),
      waits: {
        count: Number(waits?.['count']),
        median: nullable(waits?.['median']),
        p95: nullable(waits?.['p95']),
        max: nullable(waits?.['max']),
      },
    };
  }

  /** Invoices and turnover by step, cut by the database's own calendar; steps without one are left out. */
  async series(
    step: string,
    zone: string,
  ): Promise<Map<string, { invoices: number; turnover: Record<string, string> }>> {
    const rows = await this.#rows(
      `SELECT GREATEST(date_trunc($9, COALESCE(counted_at, issued_at), $10), $1) AS start, currency, count(*) AS times, sum(total) AS amount
       ${LEDGER} AND ${FISCAL} GROUP BY 1, 2`,
      [step, zone],
    );
    const series = new Map<string, { invoices: number; turnover: Record<string, string> }>();
    for (const { start, currency, times, amount } of rows) {
      const key = (start as unknown as Date).toISOString();
      const point = series.get(key) ?? { invoices: 0, turnover: {} };
      point.invoices += Number(times);
      point.turnover[String(currency)] = String(amount);
      series.set(key, point);
    }
    return series;
  }

  async #rows(sql: string, more: unknown[] = []): Promise<Record<string, string>[]> {
    return (await this.pool.query<Record<string, string>>(sql, [...this.#values, ...more])).rows;
  }
}

function numbers(row: Record<string, string | undefined>): Record<string, number> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}

function nullable(value: string | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
