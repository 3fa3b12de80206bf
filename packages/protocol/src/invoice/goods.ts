import type { Invoice, InvoiceLine, InvoiceTax } from './invoice-schema.js';
import { taxedLines, type TaxedLines } from './line-groups.js';
import { taxShares } from './tax-arithmetic.js';

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

/**
 * @param groups the lines by the taxes that they have, for net prices
 * @param isCounted those lines that are added up: of a refund of several originals, the lines that take one of them back
 */
export function goodsOf(
  invoice: PricedLines,
  groups: readonly TaxedLines[] = invoice.priceBasis === 'net' ? taxedLines(invoice) : [],
  isCounted: (line: InvoiceLine) => boolean = () => true,
): Goods {
  const { priceBasis, lines, taxes } = invoice;
  const all: Sides = { sold: 0, returned: 0 };
  let count = 0;
  let isExact = priceBasis === 'gross' || taxes.every(({ amount }) => amount === 0);
  for (const line of lines) {
    if (line.type === 'rounding' || !isCounted(line)) continue;
    count += 1;
    isExact &&= isUndivided(line);
    addTo(all, line);
  }
  if (priceBasis === 'net') addTaxes(all, groups, isCounted);
  const { sold, returned } = all;
  // A discount above all that it could be taken off is money that goes back: a price reduced afterwards, say.
  return {
    sold: Math.max(sold, 0) + Math.max(-returned, 0),
    returned: Math.max(returned, 0) + Math.max(-sold, 0),
    lines: count,
    isExact,
  };
}

/** A negative discount lowers what was sold; the positive one of a refund lowers what came back. */
function addTo(sides: Sides, { type, amount }: InvoiceLine): void {
  if (amount > 0 === (type !== 'discount')) sides.sold += amount;
  else sides.returned -= amount;
}

/** Of lines that have the same taxes those that are added up, and whether there are others. */
interface CountedLines extends Sides {
  hasOthers: boolean;
}

/**
 * Adds the taxes that come on top of net prices. Where all lines that have a tax are on one side, so is all of it, as it was stated; else
 * each side has its share.
 */
function addTaxes(all: Sides, groups: readonly TaxedLines[], isCounted: (line: InvoiceLine) => boolean): void {
  const ofGroups = groups.map(({ lines }) => countLines(lines, isCounted));
  const ofRows = new Map<InvoiceTax, CountedLines>();
  for (const [index, { tax, levies }] of groups.entries()) {
    const counted = ofGroups[index];
    if (counted === undefined) continue;
    for (const row of [tax, ...levies]) {
      const sum = ofRows.get(row) ?? { sold: 0, returned: 0, hasOthers: false };
      ofRows.set(row, {
        // That something is on a side counts here, not how much: sides of two groups must not cancel each other out.
        sold: sum.sold + Math.abs(counted.sold),
        returned: sum.returned + Math.abs(counted.returned),
        hasOthers: sum.hasOthers || counted.hasOthers,
      });
    }
  }
  const divided = new Set<InvoiceTax>();
  for (const [row, { sold, returned, hasOthers }] of ofRows) {
    if (!hasOthers && returned === 0) all.sold += row.amount;
    else if (!hasOthers && sold === 0) all.returned -= row.amount;
    else divided.add(row);
  }
  for (const [index, group] of groups.entries()) {
    const { sold, returned } = ofGroups[index] ?? { sold: 0, returned: 0 };
    all.sold += sharesOf(sold, group, divided);
    all.returned += sharesOf(returned, group, divided);
  }
}

function countLines(lines: readonly InvoiceLine[], isCounted: (line: InvoiceLine) => boolean): CountedLines {
  const counted = { sold: 0, returned: 0, hasOthers: false };
  for (const line of lines)
    if (isCounted(line)) addTo(counted, line);
    else counted.hasOthers = true;
  return counted;
}

/** What some of the taxes come to on a net sum of a group. */
function sharesOf(net: number, { tax, levies }: TaxedLines, wanted: ReadonlySet<InvoiceTax>): number {
  if (net === 0 || ![tax, ...levies].some((row) => wanted.has(row))) return 0;
  const shares = taxShares(BigInt(net), tax, levies, 'net');
  const amounts = [shares.amount, ...shares.levies];
  return [tax, ...levies].reduce((sum, row, index) => (wanted.has(row) ? sum + Number(amounts[index] ?? 0n) : sum), 0);
}

/**
 * Of a row of the taxes: all goods that have it came back (`returned`), as those of an exchange that were sold at a former rate; or none did
 * (`given`); or some did. A discount belongs to the goods that it lowers: one that is larger than they are, or that lowers none, is no return.
 */
export type RowSide = 'returned' | 'given' | 'both';

/** @param groups the lines by the taxes that they have; none are needed where nothing comes back */
export function sidesOfRows(taxes: readonly InvoiceTax[], groups: readonly TaxedLines[]): RowSide[] {
  const back = new Map<InvoiceTax, bigint>();
  const given = new Set<InvoiceTax>();
  for (const { tax, levies, lines } of groups)
    for (const { type, amount } of lines)
      for (const row of [tax, ...levies]) {
        const isOfReturn = type === 'discount' ? amount > 0 : amount < 0;
        if (isOfReturn) back.set(row, (back.get(row) ?? 0n) - BigInt(amount));
        else if (amount !== 0) given.add(row);
      }
  return taxes.map((row) => {
    const returned = back.get(row);
    if (returned === undefined) return 'given';
    return given.has(row) || returned <= 0n ? 'both' : 'returned';
  });
}

/** Whether some line brings something back, or lowers what is brought back. */
export function bringsBack({ lines }: Pick<Invoice, 'lines'>): boolean {
  return lines.some(({ type, amount }) => (type === 'discount' ? amount > 0 : amount < 0));
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
