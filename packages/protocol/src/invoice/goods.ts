import type { Invoice, InvoiceLine } from './invoice-schema.js';
import { taxAmount } from './tax-arithmetic.js';

/**
 * What an invoice sold and what came back by it: the measure of refunds. Totals are none: a total of 11.00 may be a beer of 12.00 less
 * bottles of 1.00, and the whole beer may come back. Gross, in the smallest unit; rounding lines are left out.
 */
export interface Goods {
  /** Positive lines, less what discount lines take off them. */
  readonly sold: number;
  /** Negative lines, as a magnitude, less the discount that is given back with them. */
  readonly returned: number;
  /** Lines that were added up. */
  readonly lines: number;
  /** Nothing was divided or rounded, so that parts add up to the whole to the very unit. */
  readonly isExact: boolean;
}

interface Sides {
  sold: number;
  returned: number;
}

/** What an invoice needs to have for its goods to be added up. */
export type PricedLines = Pick<Invoice, 'priceBasis' | 'lines' | 'taxes'>;

export function goodsOf({ priceBasis, lines, taxes }: PricedLines): Goods {
  const byCategory = new Map<string, Sides>();
  let count = 0;
  let isExact = priceBasis === 'gross' || taxes.every(({ amount }) => amount === 0);
  for (const line of lines) {
    if (line.type === 'rounding') continue;
    count += 1;
    isExact &&= isUndivided(line);
    addTo(byCategory, priceBasis === 'net' ? (line.taxCategory ?? '') : '', line);
  }
  if (priceBasis === 'net') for (const tax of taxes) addTax(byCategory.get(tax.category), tax);
  let sold = 0;
  let returned = 0;
  for (const sides of byCategory.values()) {
    sold += sides.sold;
    returned += sides.returned;
  }
  // A discount above all that it could be taken off is money that goes back: a price reduced afterwards, say.
  return {
    sold: Math.max(sold, 0) + Math.max(-returned, 0),
    returned: Math.max(returned, 0) + Math.max(-sold, 0),
    lines: count,
    isExact,
  };
}

/** A negative discount lowers what was sold; the positive one of a refund lowers what came back. */
function addTo(byCategory: Map<string, Sides>, category: string, { type, amount }: InvoiceLine): void {
  const sides = byCategory.get(category) ?? { sold: 0, returned: 0 };
  byCategory.set(category, sides);
  if (amount > 0 === (type !== 'discount')) sides.sold += amount;
  else sides.returned -= amount;
}

/** Where all lines of a category are on one side, so is all of its tax, as it was stated. */
function addTax(sides: Sides | undefined, { rate, amount }: Invoice['taxes'][number]): void {
  if (sides === undefined) return;
  if (sides.returned === 0) sides.sold += amount;
  else if (sides.sold === 0) sides.returned -= amount;
  else {
    sides.sold += taxOf(sides.sold, rate);
    sides.returned += taxOf(sides.returned, rate);
  }
}

function taxOf(net: number, rate: string): number {
  return Number(taxAmount(BigInt(net), rate, 'net'));
}

function isUndivided({ type, quantity, unitPrice, discount = 0 }: InvoiceLine): boolean {
  return type !== 'discount' && discount === 0 && !quantity.includes('.') && !unitPrice.includes('.');
}

/** Of an original: what its refund or void is compared with. */
export interface Takeable {
  readonly total: number;
  readonly goods: Pick<Goods, 'sold' | 'returned'>;
}

/**
 * Whether a refund or void has the sign of what it takes back. Money that goes back to the customer is negative, so what takes back has the
 * opposite sign of its original; what takes back less than the other side of a mixed original (the bottles of beer and bottles) may have either.
 *
 * @param original null where it can't be seen: then a void may be of a refund or of a bottle return, but a refund gives money back
 */
export function hasWrongSign(taker: Takeable & Pick<Invoice, 'kind'>, original: Takeable | null): boolean {
  const { kind, total, goods } = taker;
  if (kind === 'sale') return false;
  if (original === null) return kind === 'refund' && total > 0;
  if (total === 0 || Math.sign(total) !== Math.sign(original.total)) return false;
  return total > 0 ? goods.sold > original.goods.returned : goods.returned > original.goods.sold;
}
