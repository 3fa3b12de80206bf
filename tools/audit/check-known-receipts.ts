import type { Environment } from '@tax-control/protocol';
import { settlementSql, tellDispute } from './check-restorations.js';
import { checkDigitsFit, macDigits, SEQUENCE_DIGITS, sequenceDigits } from './code.js';
import { cutJws, es256Fits, readObject } from './compact-jws.js';
import { type AuditKeys, macKeyOf } from './keys.js';
import { isInRange } from './sequence-ranges.js';
import type { Snapshot } from './snapshot.js';
import { printedFieldsOf } from './stored-invoice.js';
import type { Tally } from './verdict.js';

/** A receipt that a customer handed in, as docs/decisions/0048 keeps it. Null from `invoice_id` on where only its print is known. */
interface KnownReceipt {
  readonly sequence: string;
  readonly code: string;
  readonly known_by: 'receipt' | 'print';
  readonly terminal_id: string;
  readonly taxpayer_id: string;
  readonly premises_id: string;
  readonly counter: string;
  readonly type: string;
  readonly kind: string;
  readonly issued_at: Date;
  readonly currency: string;
  readonly total: string;
  readonly invoice_id: string | null;
  readonly journal_id: string | null;
  readonly number: string | null;
  readonly digest: Buffer | null;
  readonly registered_at: Date | null;
  readonly receipt: string | null;
}

/** Neither the number of the receipt `known` is on file, nor its invoice under another number. */
export const ALONE = `NOT EXISTS (SELECT FROM ledger WHERE ledger.sequence = known.sequence)
  AND NOT EXISTS (SELECT FROM ledger WHERE ledger.terminal_id = known.terminal_id AND ledger.invoice_id = known.invoice_id)`;

/**
 * What contradicts a receipt: its number belongs to another invoice, or its invoice has another number; on file, or in another receipt while neither
 * is on file. Each two codes once, and not what a till presented as well: that is told of as the till's.
 */
const CONTRADICTIONS = `
SELECT code, other, where_it_is FROM (
  SELECT known.code, ledger.code AS other, 'on file' AS where_it_is
  FROM known_receipt AS known JOIN ledger
    ON ledger.sequence = known.sequence
   AND (ledger.code <> known.code OR ledger.terminal_id <> known.terminal_id OR ledger.counter <> known.counter OR ledger.total <> known.total
     OR ledger.digest <> known.digest)
  UNION
  SELECT known.code, ledger.code, 'on file'
  FROM known_receipt AS known JOIN ledger ON ledger.terminal_id = known.terminal_id AND ledger.invoice_id = known.invoice_id
  WHERE ledger.sequence <> known.sequence
  UNION
  (SELECT DISTINCT ON (LEAST(later.code, known.code), GREATEST(later.code, known.code)) later.code, known.code, 'of another customer'
   FROM known_receipt AS known JOIN known_receipt AS later ON later.known_id > known.known_id AND later.code <> known.code
    AND (later.sequence = known.sequence OR (later.terminal_id = known.terminal_id AND later.invoice_id = known.invoice_id))
   WHERE NOT EXISTS (
     SELECT FROM ledger WHERE ledger.sequence IN (known.sequence, later.sequence) AND ledger.code IN (known.code, later.code)
   )
   ORDER BY LEAST(later.code, known.code), GREATEST(later.code, known.code), later.known_id, known.known_id)
) AS pair
WHERE NOT EXISTS (
  SELECT FROM code_dispute JOIN ledger ON ledger.sequence = sequence_on_file WHERE code_dispute.code = pair.code AND ledger.code = pair.other
)`;

const PER_PAGE = 500;

/**
 * I9, the part of customers: a receipt that stands for a forgotten invoice is genuine by its own signature, or by the MAC of its print; its
 * number was jumped over; and it contradicts nothing.
 */
export async function checkKnownReceipts(
  snapshot: Snapshot,
  environment: Environment,
  keys: AuditKeys,
  tally: Tally,
): Promise<void> {
  const [jump] = await snapshot.query<{ last: string | null }>(
    'SELECT max(next_number)::text AS last FROM database_recovery',
  );
  const last = Number(jump?.last ?? 0);
  const receipts = 'SELECT * FROM known_receipt ORDER BY known_id';
  for await (const page of snapshot.pages<KnownReceipt & { code: string }>(receipts, PER_PAGE))
    for (const row of page) {
      tally.looked();
      const fault = faultOf(row, environment, keys);
      if (fault !== null) tally.find(`The receipt of code ${row.code} that a customer handed in ${fault}.`);
      tally.expect(
        Number(row.sequence) < last,
        () => `The receipt of code ${row.code} that a customer handed in has a number that was never jumped over.`,
      );
    }
  type Contradiction = { code: string; other: string; where_it_is: string; settled: string | null };
  const contradictions = `
    SELECT found.*, ${settlementSql('found.code', 'found.other')} AS settled FROM (${CONTRADICTIONS}) AS found ORDER BY 1, 2`;
  for await (const page of snapshot.pages<Contradiction>(contradictions, PER_PAGE))
    for (const { code, other, where_it_is: where, settled } of page)
      tellDispute(tally, `A customer's genuine receipt of code ${code} contradicts code ${other} ${where}`, settled);
  await noteAlone(snapshot, tally);
}

/** They are accounted for, and nobody knows what was sold. */
async function noteAlone(snapshot: Snapshot, tally: Tally): Promise<void> {
  const [alone] = await snapshot.query<{ count: string }>(
    `SELECT count(DISTINCT known.code) FROM known_receipt AS known
     WHERE ${ALONE}`,
  );
  if (Number(alone?.count) > 0)
    tally.note(`${alone?.count} invoices are known by a customer's receipt alone; no sums count them.`);
}

function faultOf(row: KnownReceipt, environment: Environment, keys: AuditKeys): string | null {
  const sequence = Number(row.sequence);
  if (!isInRange(environment, sequence)) return `is not of the ${environment} environment`;
  if (row.code.slice(0, SEQUENCE_DIGITS) !== sequenceDigits(sequence)) return 'is of another number';
  if (!checkDigitsFit(row.code)) return 'has check digits that do not fit';
  const macKey = macKeyOf(keys, sequence);
  if (macKey === null) return 'has a number for which the keys directory has no MAC key';
  const printed = printedFieldsOf(row);
  if (row.code.slice(SEQUENCE_DIGITS, -2) !== macDigits(printed, macKey))
    return 'has a MAC that does not fit the printed fields';
  if (row.known_by === 'print') return row.receipt === null ? null : 'is kept as a print and has a signature';
  return signatureFault(row, environment, keys);
}

function signatureFault(row: KnownReceipt, environment: Environment, keys: AuditKeys): string | null {
  const jws = row.receipt === null ? null : cutJws(row.receipt);
  if (jws === null || jws.header['alg'] !== 'ES256' || jws.header['typ'] !== 'receipt+jws')
    return 'is no signed receipt';
  const key = keys.receiptKeys.get(String(jws.header['kid']));
  if (key === undefined) return `is signed by a key that the keys directory does not have`;
  if (!es256Fits(jws.signedText, jws.signature, key)) return 'has a signature that does not fit';
  const signed = readObject(jws.payload);
  // A receipt has its number in the code alone.
  const { sequence: _, ...printed } = printedFieldsOf(row);
  const columns: Readonly<Record<string, unknown>> = {
    ...printed,
    environment,
    code: row.code,
    invoiceDigest: row.digest?.toString('base64url'),
    premisesId: row.premises_id,
    invoiceId: row.invoice_id,
    journalId: row.journal_id,
    number: row.number,
    registeredAt: row.registered_at?.toISOString(),
  };
  const differing = Object.keys(columns).filter((name) => signed?.[name] !== columns[name]);
  return differing.length === 0 ? null : `is kept with another ${differing.join(', ')} than was signed`;
}
