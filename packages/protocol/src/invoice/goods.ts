import type { Invoice, InvoiceLine, InvoiceTax } from './invoice-schema.js';
import { groupKey, groupLines, TaxFinder, type TaxesOfGroup } from './line-groups.js';
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

/** @param isCounted of the invoice's lines, those that are added up: of a refund of several originals, the lines that take one of them back */
export function goodsOf(invoice: PricedLines, isCounted: (line: InvoiceLine) => boolean = () => true): Goods {
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
  if (priceBasis === 'net') addTaxes(all, invoice, isCounted);
  const { sold, returned } = all;
  // A discount above all that it could be taken off is money that goes back: a price reduced afterwards, say.
  return {
    sold: Math.max(sold, 0) + Math.max(-returned, 0),
    returned: Math.max(returned, 0) + Math.max(-sold, 0),
    lines: count,
    isExact,
  };
}

/** Of an invoice that was checked none is missing; of others, what bears no tax has none. */
const NOT_FOUND = { pointer: '/taxes', detail: 'Has no row for it.' } as const;

/** A negative discount lowers what was sold; the positive one of a refund lowers what came back. */
function addTo(sides: Sides, { type, amount }: InvoiceLine): void {
  if (amount > 0 === (type !== 'discount')) sides.sold += amount;
  else sides.returned -= amount;
}

/** Lines that bear the same taxes: those that are added up, and whether there are others. */
interface TaxedSides extends TaxesOfGroup<InvoiceTax> {
  readonly counted: Sides;
  hasOthers: boolean;
}

/** Adds the taxes that come on top of net prices. */
function addTaxes(all: Sides, { lines, taxes }: PricedLines, isCounted: (line: InvoiceLine) => boolean): void {
  const finder = new TaxFinder(taxes);
  const groups = new Map<string, TaxedSides>();
  for (const group of groupLines(lines)) {
    const search = finder.taxesOf(group, () => NOT_FOUND);
    if (search.ok) groups.set(group.key, { ...search.found, counted: { sold: 0, returned: 0 }, hasOthers: false });
  }
  for (const line of lines) {
    const group = line.type === 'rounding' ? undefined : groups.get(groupKey(line));
    if (group === undefined) continue;
    if (isCounted(line)) addTo(group.counted, line);
    else group.hasOthers = true;
  }
  for (const row of taxes)
    addTax(
      all,
      row,
      [...groups.values()].filter(({ tax, levies }) => tax === row || levies.includes(row)),
    );
}

/** Where all lines that bear a tax are on one side, so is all of it, as it was stated; else each side has its share. */
function addTax(all: Sides, row: InvoiceTax, groups: readonly TaxedSides[]): void {
  if (!groups.some(({ hasOthers }) => hasOthers)) {
    if (groups.every(({ counted }) => counted.returned === 0)) {
      all.sold += row.amount;
      return;
    }
    if (groups.every(({ counted }) => counted.sold === 0)) {
      all.returned -= row.amount;
      return;
    }
  }
  for (const group of groups) {
    all.sold += shareOf(group.counted.sold, row, group);
    all.returned += shareOf(group.counted.returned, row, group);
  }
}

function shareOf(net: number, row: InvoiceTax, { tax, levies }: TaxedSides): number {
  const shares = taxShares(BigInt(net), tax, levies, 'net');
  return Number(row === tax ? shares.amount : (shares.levies[levies.indexOf(row)] ?? 0n));
}

/**
 * Of each row of the taxes, whether all goods that bear it came back, as in an exchange after a change of rate: such a row is of the day
 * on which they were sold.
 */
export function cameBack({ lines, taxes }: Pick<Invoice, 'lines' | 'taxes'>): boolean[] {
  if (lines.every(({ amount }) => amount >= 0)) return taxes.map(() => false);
  const finder = new TaxFinder(taxes);
  const sold = new Set<InvoiceTax>();
  const returned = new Set<InvoiceTax>();
  for (const line of lines)
    for (const group of groupLines([line])) {
      const search = finder.taxesOf(group, () => NOT_FOUND);
      const sides = { sold: 0, returned: 0 };
      addTo(sides, line);
      if (!search.ok) continue;
      for (const tax of [search.found.tax, ...search.found.levies]) {
        if (sides.sold > 0) sold.add(tax);
        if (sides.returned > 0) returned.add(tax);
      }
    }
  return taxes.map((tax) => returned.has(tax) && !sold.has(tax));
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
