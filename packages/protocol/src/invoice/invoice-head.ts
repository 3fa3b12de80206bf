import { roundingOf } from './cash-rounding.js';
import { bringsBack, type Goods, goodsOf, type RowSide, sidesOfRows } from './goods.js';
import type { Invoice, InvoiceReference } from './invoice-schema.js';
import { taxedLines, type TaxedLines } from './line-groups.js';
import { isLineOf, type OriginalName, originalsOf } from './reference.js';

/**
 * What a server judges and files an invoice by, once its lines and payments were checked: what its lines come to is here, and
 * they, the buyer and the rest are bytes of the payload from then on.
 */
export interface InvoiceHead extends Omit<
  Invoice,
  | 'schemaVersion'
  | 'software'
  | 'cashier'
  | 'priceBasis'
  | 'lines'
  | 'payments'
  | 'buyer'
  | 'reference'
  | 'supersedes'
  | 'clockBehind'
  | 'enteredLater'
> {
  readonly clockBehind?: Invoice['clockBehind'] | undefined;
  readonly enteredLater?: Invoice['enteredLater'] | undefined;
  readonly reference?: InvoiceReference | undefined;
  readonly supersedes?: Invoice['supersedes'] | undefined;
  readonly goods: Goods;
  /** What a refund or void takes back of each original that its reference names, in that order. */
  readonly parts: readonly NamedPart[];
  /** Of each row of the taxes. */
  readonly rowSides: readonly RowSide[];
  /** Magnitude of the rounding lines. */
  readonly rounding: number;
  /** Sum of all lines but rounding and deposit ones, in the invoice's price basis. */
  readonly exceptDeposits: number;
}

/** What a refund or void takes back of one original. `rows`: positions of the taxes that these lines have. */
export interface NamedPart {
  readonly original: OriginalName;
  readonly goods: Goods;
  readonly rows: readonly number[];
}

/** The head of an invoice, as an object of its own. */
export function headOf(invoice: Invoice): InvoiceHead {
  const { id, taxpayerId, premisesId, terminalId, journalId, counter, previousDigest, type, kind } = invoice;
  const { number, issuedAt, clockOffsetMs, clockOffsetAgeSeconds, businessDay, currency, taxes, total, reference } =
    invoice;
  const { supersedes, clockBehind, enteredLater, lines } = invoice;
  // Found once for all that asks for them; a plain sale at gross prices needs none.
  const isPlain = invoice.priceBasis === 'gross' && !bringsBack(invoice) && originalsOf(reference).length < 2;
  const groups = isPlain ? [] : taxedLines(invoice);
  const goods = goodsOf(invoice, groups);
  return {
    id,
    taxpayerId,
    premisesId,
    terminalId,
    journalId,
    counter,
    previousDigest,
    type,
    kind,
    number,
    issuedAt,
    clockOffsetMs,
    clockOffsetAgeSeconds,
    clockBehind,
    businessDay,
    enteredLater,
    currency,
    taxes,
    total,
    reference,
    supersedes,
    goods,
    parts: partsOf(invoice, goods, groups),
    rowSides: sidesOfRows(taxes, groups),
    rounding: roundingOf(lines),
    exceptDeposits: exceptDeposits(lines),
  };
}

function partsOf(invoice: Invoice, goods: Goods, groups: readonly TaxedLines[]): NamedPart[] {
  const { kind, reference, taxes } = invoice;
  if (kind === 'sale') return [];
  const originals = originalsOf(reference);
  const [only] = originals;
  if (only !== undefined && originals.length === 1)
    return [{ original: only, goods, rows: taxes.map((_, row) => row) }];
  return originals.map((original, position) => {
    const isOfPart = isLineOf(reference, position);
    const borne = new Set(groups.flatMap(({ tax, levies, lines }) => (lines.some(isOfPart) ? [tax, ...levies] : [])));
    const rows = taxes.flatMap((tax, row) => (borne.has(tax) ? [row] : []));
    return { original, goods: goodsOf(invoice, groups, isOfPart), rows };
  });
}

/** Bottles that come back are paid for, whether anything is bought or not. */
function exceptDeposits(lines: Invoice['lines']): number {
  return lines.reduce((sum, { type, amount }) => (type === 'rounding' || type === 'deposit' ? sum : sum + amount), 0);
}
