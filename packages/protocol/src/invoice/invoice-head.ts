import { roundingOf } from './cash-rounding.js';
import { cameBack, type Goods, goodsOf } from './goods.js';
import type { Invoice, InvoiceReference } from './invoice-schema.js';
import { type OriginalName, originalsOf, takesBack } from './reference.js';

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
  /** Of each row of the taxes: see `cameBack`. */
  readonly cameBack: readonly boolean[];
  /** Magnitude of the rounding lines. */
  readonly rounding: number;
  /** Sum of all lines but rounding and deposit ones, in the invoice's price basis. */
  readonly exceptDeposits: number;
}

/** Of one original: the refund's own total and goods where it is the only one, else those of its lines without rounding. */
export interface NamedPart {
  readonly original: OriginalName;
  readonly total: number;
  readonly goods: Goods;
}

/** The head of an invoice, as an object of its own. */
export function headOf(invoice: Invoice): InvoiceHead {
  const { id, taxpayerId, premisesId, terminalId, journalId, counter, previousDigest, type, kind } = invoice;
  const { number, issuedAt, clockOffsetMs, clockOffsetAgeSeconds, businessDay, currency, taxes, total, reference } =
    invoice;
  const { supersedes, clockBehind, enteredLater, lines } = invoice;
  const goods = goodsOf(invoice);
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
    parts: partsOf(invoice, goods),
    cameBack: cameBack(invoice),
    rounding: roundingOf(lines),
    exceptDeposits: exceptDeposits(lines),
  };
}

function partsOf(invoice: Invoice, goods: Goods): NamedPart[] {
  const { kind, reference, total } = invoice;
  if (kind === 'sale') return [];
  const originals = originalsOf(reference);
  const [only] = originals;
  if (only !== undefined && originals.length === 1) return [{ original: only, total, goods }];
  return originals.map((original, position) => {
    const part = goodsOf(invoice, takesBack(reference, position));
    return { original, total: part.sold - part.returned, goods: part };
  });
}

/** Bottles that come back are paid for, whether anything is bought or not. */
function exceptDeposits(lines: Invoice['lines']): number {
  return lines.reduce((sum, { type, amount }) => (type === 'rounding' || type === 'deposit' ? sum : sum + amount), 0);
}
