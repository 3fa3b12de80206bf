import type { Snapshot } from './snapshot.js';
import { differencesOf, type KeptSum, keptValues } from './sums.js';
import type { Tally } from './verdict.js';

const LEVELS = ['all', 'region', 'taxpayer', 'premises', 'terminal'] as const;

function kept(grainsOf: (level: KeptSum['level']) => readonly KeptSum['grain'][]): readonly KeptSum[] {
  return LEVELS.flatMap((level) => grainsOf(level).map((grain) => ({ level, grain })));
}

/** Sums that are kept (docs/decisions/0014): of figures shown step by step, and of those that are told of a whole period. */
const KEPT_BY_STEP = kept((level) => (level === 'terminal' ? ['quarter', 'day'] : ['quarter', 'hour', 'day']));
const KEPT_IN_TOTAL = kept((level) => (level === 'all' || level === 'region' ? ['quarter', 'day'] : ['hour', 'day']));

const FISCAL = `type IN ('normal', 'advance')`;
interface Figure {
  readonly name: string;
  readonly kept: readonly KeptSum[];
  /** Rows (terminal_id, premises_id, taxpayer_id, at, door, label, base, amount, ms) of what is up to the mark. */
  readonly facts: string;
}

/** Rows up to here are in the sums; those behind it are added live. */
function upToMark(table: 'ledger' | 'refused_invoice', number: string): string {
  return `(${table}.recorded_in, ${table}.${number}) <= (
    SELECT recorded_in, number FROM invoice_statistics_mark WHERE source = '${table}')`;
}

const PLACE = 'ledger.terminal_id, ledger.premises_id, ledger.taxpayer_id, coalesce(counted_at, issued_at) AS at, door';
const LEDGER = `FROM ledger WHERE ${upToMark('ledger', 'sequence')}`;

/** Money that goes back is negative in the signed bytes, and nothing turns its sign. @param total what an invoice adds to its turnover */
function invoicesFigure(total: string): Figure {
  return {
    name: 'invoices',
    kept: KEPT_BY_STEP,
    facts: `SELECT ${PLACE}, concat_ws('/', type, kind, currency) AS label, 0 AS base, ${total} AS amount, 0 AS ms ${LEDGER}`,
  };
}

/** From the signed bytes: what the till wrote as its total, whatever the column says; only where retention removed them, from there. */
const SIGNED_TOTAL = `coalesce((
  SELECT (convert_from(payload, 'UTF8')::json ->> 'total')::numeric FROM content
  WHERE content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at
), total)`;

const COUNTED_FIGURES: readonly Figure[] = [
  {
    name: 'flagged',
    kept: KEPT_IN_TOTAL,
    facts: `SELECT ${PLACE}, '' AS label, 0 AS base, 0 AS amount, 0 AS ms ${LEDGER} AND ${FISCAL}
            AND sequence IN (SELECT sequence FROM invoice_warning)`,
  },
  {
    name: 'warning',
    kept: KEPT_IN_TOTAL,
    facts: `SELECT ${PLACE}, warning AS label, 0 AS base, 0 AS amount, 0 AS ms
            FROM ledger JOIN invoice_warning USING (sequence) WHERE ${FISCAL} AND ${upToMark('ledger', 'sequence')}`,
  },
  {
    // By place in a histogram: how many of the bounds 1, 1.25, 1.25², … ms the time has reached.
    name: 'waited',
    kept: KEPT_IN_TOTAL,
    facts: `SELECT *, width_bucket(ms, (SELECT array_agg(1.25 ^ power ORDER BY power) FROM generate_series(0, 150) AS power))::text AS label
            FROM (
              SELECT ${PLACE}, 0 AS base, 0 AS amount,
                greatest(0, trunc(1000 * (extract(epoch FROM registered_at) - extract(epoch FROM issued_at)))) AS ms
              ${LEDGER} AND ${FISCAL} AND door = 'reissue' AND counted_at IS NULL
            ) AS late`,
  },
  {
    name: 'refused',
    kept: KEPT_BY_STEP,
    facts: `SELECT terminal_id, premises_id, taxpayer_id, refused_at AS at, door, cause AS label, 0 AS base, 0 AS amount, 0 AS ms
            FROM refused_invoice JOIN terminal USING (terminal_id) WHERE ${upToMark('refused_invoice', 'refused_id')}`,
  },
];

/**
 * From the signed bytes, whatever stands beside the ledger; only where retention removed them, from there. Rates without zeros behind
 * their point: `20.00` and `20` are one.
 */
const TAX: Figure = {
  name: 'tax',
  kept: KEPT_IN_TOTAL,
  facts: `SELECT ${PLACE}, concat_ws('/', currency, tax ->> 'category', trim_scale((tax ->> 'rate')::numeric)) AS label,
            (tax ->> 'base')::numeric AS base, (tax ->> 'amount')::numeric AS amount, 0 AS ms
          FROM ledger JOIN content USING (sequence, registered_at),
            json_array_elements(convert_from(payload, 'UTF8')::json -> 'taxes') AS tax
          WHERE ${FISCAL} AND ${upToMark('ledger', 'sequence')}
          UNION ALL
          SELECT ${PLACE}, concat_ws('/', currency, category, trim_scale(rate::numeric)), base, amount, 0
          FROM ledger JOIN ledger_tax USING (sequence)
          WHERE ${FISCAL} AND ${upToMark('ledger', 'sequence')} AND NOT EXISTS (
            SELECT FROM content WHERE content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at
          )`,
};

function recountSql({ name, kept: sums, facts }: Figure): string {
  return `
  WITH fact AS (${facts}), quarter AS MATERIALIZED (
    SELECT terminal_id, premises_id, taxpayer_id, floor(extract(epoch FROM at) / 900) * 900 AS epoch, door, label,
      count(*) AS times, sum(base) AS base, sum(amount) AS amount, max(ms) AS longest
    FROM fact
    GROUP BY 1, 2, 3, 4, 5, 6
  ), recount AS (
    SELECT kept.level, kept.grain, unit.id, floor(epoch / kept.seconds) * kept.seconds AS epoch, door, label,
      sum(times) AS times, sum(base) AS base, sum(amount) AS amount, max(longest) AS longest
    FROM quarter
    LEFT JOIN premises USING (premises_id)
    CROSS JOIN LATERAL (VALUES ('all', ''), ('region', coalesce(region, '')), ('taxpayer', quarter.taxpayer_id),
      ('premises', premises_id), ('terminal', terminal_id)) AS unit (level, id)
    JOIN (VALUES ${keptValues(sums)}) AS kept (level, grain, seconds) ON kept.level = unit.level
    GROUP BY 1, 2, 3, 4, 5, 6
  ), stored AS (
    SELECT level, grain, unit AS id, extract(epoch FROM start) AS epoch, door, label, times, base, amount, longest_ms AS longest
    FROM invoice_statistics WHERE figure = '${name}'
  )
  SELECT concat_ws(' ', level, nullif(id, '')) AS unit, grain || ' from ' || to_timestamp(epoch) AS step, concat_ws(' ', door, nullif(label, '')) AS what,
    concat_ws(' ', coalesce(stored.times, 0), stored.base, stored.amount, stored.longest) AS kept,
    concat_ws(' ', coalesce(recount.times, 0), recount.base, recount.amount, recount.longest) AS counted
  FROM stored
  FULL JOIN recount USING (level, grain, id, epoch, door, label)
  WHERE (stored.times, stored.base, stored.amount, stored.longest)
    IS DISTINCT FROM (recount.times, recount.base, recount.amount, recount.longest)
  ORDER BY 1, 2, 3`;
}

/**
 * I8 for invoices: every sum that is kept is what the ledger, the signed content and what was refused come to, as far as it was
 * taken over. What is behind the mark is read by reports row by row.
 *
 * @param isContentReadable the content of all of the ledger is there and is JSON, or was removed by right; else neither tax nor totals can be read from it
 */
export async function checkInvoiceSums(snapshot: Snapshot, isContentReadable: boolean, tally: Tally): Promise<void> {
  const [row] = await snapshot.query<{ sums: string }>('SELECT count(*) AS sums FROM invoice_statistics');
  tally.looked(Number(row?.sums));
  const figures = [
    ...COUNTED_FIGURES,
    ...(isContentReadable ? [invoicesFigure(SIGNED_TOTAL), TAX] : [invoicesFigure('total')]),
  ];
  for (const figure of figures) await differencesOf(snapshot, recountSql(figure), figure.name, tally);
  if (!isContentReadable)
    tally.note(
      'Sums of tax were not recounted, and totals by the ledger alone: not every invoice has its content, or one cannot be read.',
    );
}
