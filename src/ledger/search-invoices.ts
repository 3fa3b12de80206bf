import { type InvoiceKind, numberKey } from '@tax-control/protocol';
import { type FiledInvoice, filedOf, type LedgerRecord, WARNINGS_COLUMN } from './find-rows.js';
import type { Queryable } from './queryable.js';

/** What to look for; all that is not null must hold. `number`: in any spelling (`numberKey`). Times of sale: `from` inclusive, `to` exclusive, RFC 3339. */
export interface InvoiceCriteria {
  readonly sequence: number | null;
  readonly invoiceId: string | null;
  readonly number: string | null;
  readonly totalFrom: number | null;
  readonly totalTo: number | null;
  readonly currency: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly taxpayerId: string | null;
  readonly premisesId: string | null;
  readonly terminalId: string | null;
  readonly kind: InvoiceKind | null;
}

/** Which premises may be looked at, by id; 'all' does not narrow. */
export type LedgerView = 'all' | readonly string[];

/** Said twice, because each of two indexes begins with the number and holds the types of one half: together they have all. */
const OF_NUMBER = `(number_key = $::text AND type IN ('normal', 'advance') OR number_key = $::text AND type NOT IN ('normal', 'advance'))`;

const COLUMNS: readonly (readonly [keyof InvoiceCriteria, string])[] = [
  ['sequence', 'sequence = $::bigint'],
  ['invoiceId', 'invoice_id = $::uuid'],
  ['number', OF_NUMBER],
  ['totalFrom', 'total >= $::bigint'],
  ['totalTo', 'total <= $::bigint'],
  ['currency', 'currency = $::text'],
  ['from', 'issued_at >= $::timestamptz'],
  ['to', 'issued_at < $::timestamptz'],
  ['taxpayerId', 'taxpayer_id = $::text'],
  ['premisesId', 'premises_id = $::text'],
  ['terminalId', 'terminal_id = $::text'],
  ['kind', 'kind = $::text'],
];

/**
 * Invoices on file that fit, the latest sale first.
 * @param limit rows at most; ask for one more than shown to know whether there are more
 */
export async function searchInvoices(
  client: Queryable,
  criteria: InvoiceCriteria,
  view: LedgerView,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<FiledInvoice[]> {
  const { conditions, values } = narrowing(criteria, view);
  const [first, most] = [values.push(offset), values.push(limit)];
  const { rows } = await client.query<LedgerRecord>(
    `SELECT ledger.*, ${WARNINGS_COLUMN} FROM ledger WHERE ${conditions} ${ORDER} OFFSET $${first} LIMIT $${most}`,
    values,
  );
  return rows.map(filedOf);
}

/**
 * Sequence numbers of the same invoices, for who reads all of them piece by piece: found once, and none comes twice or
 * is left out when others are issued meanwhile.
 */
export async function searchSequences(
  client: Queryable,
  criteria: InvoiceCriteria,
  view: LedgerView,
  limit: number,
): Promise<number[]> {
  const { conditions, values } = narrowing(criteria, view);
  const most = values.push(limit);
  const { rows } = await client.query<{ sequence: string }>(
    `SELECT sequence FROM ledger WHERE ${conditions} ${ORDER} LIMIT $${most}`,
    values,
  );
  return rows.map(({ sequence }) => Number(sequence));
}

const ORDER = 'ORDER BY issued_at DESC, sequence DESC';

/** Made of the criteria that are there: a plan for all of them at once would use none of the indexes. */
function narrowing(criteria: InvoiceCriteria, view: LedgerView): { conditions: string; values: unknown[] } {
  const values: unknown[] = [];
  const place = (value: unknown): string => `$${values.push(value)}`;
  const found = { ...criteria, number: criteria.number === null ? null : numberKey(criteria.number) };
  const conditions = COLUMNS.filter(([name]) => found[name] !== null).map(([name, condition]) =>
    condition.replaceAll('$', place(found[name])),
  );
  if (view !== 'all') conditions.push(`premises_id = ANY (${place(view)}::text[])`);
  return { conditions: conditions.length === 0 ? 'true' : conditions.join(' AND '), values };
}
