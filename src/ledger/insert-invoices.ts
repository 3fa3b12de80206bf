import { type Goods, type InvoiceTax, type JudgedWarning, numberKey } from '@tax-control/protocol';
import { arrayLiteral } from '../database/array-literal.js';
import type { LedgerFacts } from './ledger-row.js';
import type { TakenPart } from './originals.js';
import type { Queryable } from './queryable.js';
import type { SealedReceipt } from './receipt-of-row.js';

/** Everything that is written of one invoice: its row of the ledger, what was signed, its tax by rate, and its warnings. */
export interface NewInvoice extends SealedReceipt {
  readonly facts: LedgerFacts;
  /** When it came back after it had been forgotten, UTC; null: it is new. */
  readonly restoredAt: string | null;
  readonly businessDay: string;
  /** When it counts, UTC to the second, where its time of sale is not believed; null: at its time of sale. */
  readonly countedAt: string | null;
  readonly reference: { readonly terminalId: string; readonly invoiceId: string } | null;
  /** Of a refund that names several originals, those that are known; then `reference` is null. */
  readonly originals: readonly TakenPart[];
  /** The refused invoice that this one corrects. */
  readonly supersedes: { readonly terminalId: string; readonly invoiceId: string } | null;
  readonly payload: Buffer;
  readonly signature: Buffer;
  readonly signer: string;
  readonly header: string | null;
  /** SHA-256 of the payload before it in its journal, base64url; null at the first. */
  readonly previousDigest: string | null;
  readonly attemptId: string | null;
  readonly goods: Goods;
  /** Of fiscal invoices; none of others, which count in no tax. Rates without zeros behind their point. */
  readonly taxes: readonly InvoiceTax[];
  readonly warnings: readonly JudgedWarning[];
}

/** How a column of the list travels: one array for all rows. */
interface ArrayColumn {
  readonly name: string;
  readonly type: string;
  readonly valueOf: (invoice: NewInvoice) => string | number | boolean | null;
}

// prettier-ignore
const ARRAY_COLUMNS: readonly ArrayColumn[] = [
  { name: 'sequence', type: 'bigint', valueOf: ({ facts }) => facts.sequence },
  { name: 'code', type: 'text', valueOf: ({ facts }) => facts.code },
  { name: 'terminal_id', type: 'text', valueOf: ({ facts }) => facts.terminalId },
  { name: 'invoice_id', type: 'uuid', valueOf: ({ facts }) => facts.invoiceId },
  { name: 'taxpayer_id', type: 'text', valueOf: ({ facts }) => facts.taxpayerId },
  { name: 'premises_id', type: 'text', valueOf: ({ facts }) => facts.premisesId },
  { name: 'journal_id', type: 'uuid', valueOf: ({ facts }) => facts.journalId },
  { name: 'counter', type: 'bigint', valueOf: ({ facts }) => facts.counter },
  { name: 'type', type: 'text', valueOf: ({ facts }) => facts.type },
  { name: 'kind', type: 'text', valueOf: ({ facts }) => facts.kind },
  { name: 'number', type: 'text', valueOf: ({ facts }) => facts.number },
  { name: 'number_key', type: 'text', valueOf: ({ facts }) => numberKey(facts.number) },
  { name: 'issued_at', type: 'timestamptz', valueOf: ({ facts }) => facts.issuedAt },
  { name: 'business_day', type: 'date', valueOf: ({ businessDay }) => businessDay },
  { name: 'counted_at', type: 'timestamptz', valueOf: ({ countedAt }) => countedAt },
  { name: 'restored_at', type: 'timestamptz', valueOf: ({ restoredAt }) => restoredAt },
  { name: 'currency', type: 'text', valueOf: ({ facts }) => facts.currency },
  { name: 'total', type: 'bigint', valueOf: ({ facts }) => facts.total },
  { name: 'sold', type: 'bigint', valueOf: ({ goods }) => goods.sold },
  { name: 'returned', type: 'bigint', valueOf: ({ goods }) => goods.returned },
  { name: 'lines', type: 'integer', valueOf: ({ goods }) => goods.lines },
  { name: 'is_exact', type: 'boolean', valueOf: ({ goods }) => goods.isExact },
  { name: 'door', type: 'text', valueOf: ({ facts }) => facts.door },
  { name: 'reference_terminal_id', type: 'text', valueOf: ({ reference }) => reference?.terminalId ?? null },
  { name: 'reference_invoice_id', type: 'uuid', valueOf: ({ reference }) => reference?.invoiceId ?? null },
  { name: 'supersedes_terminal_id', type: 'text', valueOf: ({ supersedes }) => supersedes?.terminalId ?? null },
  { name: 'supersedes_invoice_id', type: 'uuid', valueOf: ({ supersedes }) => supersedes?.invoiceId ?? null },
  { name: 'signer', type: 'text', valueOf: ({ signer }) => signer },
  { name: 'header', type: 'text', valueOf: ({ header }) => header },
  { name: 'previous_digest', type: 'text', valueOf: ({ previousDigest }) => previousDigest },
  { name: 'attempt_id', type: 'uuid', valueOf: ({ attemptId }) => attemptId },
  { name: 'payload_length', type: 'integer', valueOf: ({ payload }) => payload.length },
];

const ARRAYS = ARRAY_COLUMNS.map(({ type }, index) => `$${index + 25}::${type}[]`).join(', ');
const NAMES = ARRAY_COLUMNS.map(({ name }) => name).join(', ');

// Bytes travel as one binary parameter for the whole list and are cut apart here: an array of bytea would be written as
// hexadecimal digits. What a list has in common (time, key) travels once.
const INSERT = `
WITH new AS (
  SELECT *,
         substring($3::bytea FROM position::integer * 32 - 31 FOR 32) AS digest,
         substring($4::bytea FROM position::integer * 64 - 63 FOR 64) AS receipt_signature,
         substring($5::bytea FROM position::integer * 64 - 63 FOR 64) AS signature,
         substring($6::bytea FROM payload_start FOR payload_length) AS payload
  FROM unnest($7::integer[], ${ARRAYS}) WITH ORDINALITY AS listed(payload_start, ${NAMES}, position)
), entered AS (
  INSERT INTO ledger (sequence, code, terminal_id, invoice_id, digest, taxpayer_id, premises_id, journal_id, counter, type, kind,
                      number, number_key, issued_at, business_day, counted_at, restored_at, currency, total, sold, returned, lines, is_exact, door, registered_at,
                      reference_terminal_id, reference_invoice_id,
                      supersedes_terminal_id, supersedes_invoice_id, receipt_key, receipt_signature)
  SELECT sequence, code, terminal_id, invoice_id, digest, taxpayer_id, premises_id, journal_id, counter, type, kind,
         number, number_key, issued_at, business_day, counted_at, restored_at, currency, total, sold, returned, lines, is_exact, door, $1::timestamptz,
         reference_terminal_id, reference_invoice_id, supersedes_terminal_id, supersedes_invoice_id, $2::text, receipt_signature
  FROM new
  ORDER BY terminal_id, invoice_id
  ON CONFLICT (terminal_id, invoice_id) DO NOTHING
  RETURNING sequence
), kept AS (
  INSERT INTO content (sequence, registered_at, payload, signature, signer, header, previous_digest, attempt_id)
  SELECT sequence, $1::timestamptz, payload, signature, signer, header,
         decode(translate(previous_digest, '-_', '+/') || '=', 'base64'), attempt_id
  FROM new JOIN entered USING (sequence)
), taxed AS (
  INSERT INTO ledger_tax (sequence, category, rate, base, amount, levy)
  SELECT sequence, category, rate, base, amount, levy
  FROM unnest($12::bigint[], $13::text[], $14::text[], $15::bigint[], $16::bigint[], $17::text[])
       AS said(sequence, category, rate, base, amount, levy)
  JOIN entered USING (sequence)
), parted AS (
  INSERT INTO ledger_original (sequence, terminal_id, invoice_id, sold, returned, lines, is_exact)
  SELECT part.*
  FROM unnest($18::bigint[], $19::text[], $20::uuid[], $21::bigint[], $22::bigint[], $23::integer[], $24::boolean[])
       AS part(sequence, terminal_id, invoice_id, sold, returned, lines, is_exact)
  JOIN entered USING (sequence)
), flagged AS (
  INSERT INTO invoice_warning (sequence, warning, detail, facts)
  SELECT sequence, warning, detail, facts
  FROM unnest($8::bigint[], $9::text[], $10::text[], $11::jsonb[]) AS found(sequence, warning, detail, facts)
  JOIN entered USING (sequence)
)
SELECT sequence FROM entered`;

/**
 * Writes ledger, content, tax, parts of several originals and warnings of a list in one statement; an identity that is on file, or that a concurrent transaction commits
 * meanwhile, is left as it is. Rows go in in the order of their identity, so that two lists wait for each other in one
 * direction only. Idempotent by the ledger's constraint `ledger_identity`.
 *
 * @param list of one time and one receipt key; no identity twice
 * @returns the sequence numbers that were written
 */
export async function insertInvoices(client: Queryable, list: readonly NewInvoice[]): Promise<Set<number>> {
  const [first] = list;
  if (first === undefined) return new Set();
  const warnings = list.flatMap((invoice) => invoice.warnings.map((warning) => ({ invoice, ...warning })));
  const parts = list.flatMap((invoice) => invoice.originals.map((part) => ({ invoice, ...part })));
  const taxes = list.flatMap((invoice) => invoice.taxes.map((tax) => ({ invoice, ...tax })));
  let end = 0;
  const payloadStarts = list.map(({ payload }) => (end += payload.length) - payload.length + 1);
  const { rows } = await client.query<{ sequence: string }>({
    name: 'insert-invoices',
    text: INSERT,
    values: [
      first.facts.registeredAt,
      first.facts.receiptKey,
      Buffer.concat(list.map(({ facts }) => facts.digest)),
      Buffer.concat(list.map(({ receiptSignature }) => receiptSignature)),
      Buffer.concat(list.map(({ signature }) => signature)),
      Buffer.concat(list.map(({ payload }) => payload)),
      arrayLiteral(payloadStarts),
      arrayLiteral(warnings.map(({ invoice }) => invoice.facts.sequence)),
      arrayLiteral(warnings.map(({ code }) => code)),
      arrayLiteral(warnings.map(({ detail }) => detail)),
      arrayLiteral(warnings.map(({ facts }) => JSON.stringify(facts))),
      arrayLiteral(taxes.map(({ invoice }) => invoice.facts.sequence)),
      arrayLiteral(taxes.map(({ category }) => category)),
      arrayLiteral(taxes.map(({ rate }) => rate)),
      arrayLiteral(taxes.map(({ base }) => base)),
      arrayLiteral(taxes.map(({ amount }) => amount)),
      arrayLiteral(taxes.map(({ levy }) => levy ?? null)),
      arrayLiteral(parts.map(({ invoice }) => invoice.facts.sequence)),
      arrayLiteral(parts.map(({ identity }) => identity.terminalId)),
      arrayLiteral(parts.map(({ identity }) => identity.invoiceId)),
      arrayLiteral(parts.map(({ goods }) => goods.sold)),
      arrayLiteral(parts.map(({ goods }) => goods.returned)),
      arrayLiteral(parts.map(({ goods }) => goods.lines)),
      arrayLiteral(parts.map(({ goods }) => goods.isExact)),
      ...ARRAY_COLUMNS.map(({ valueOf }) => arrayLiteral(list.map(valueOf))),
    ],
  });
  return new Set(rows.map(({ sequence }) => Number(sequence)));
}
