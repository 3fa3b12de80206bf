import type { Invoice } from '@tax-control/protocol';

/** The ledger's columns on what was sold and returned, as the driver gives them. */
export interface GoodsColumns {
  readonly sold: string;
  readonly returned: string;
  readonly lines: number;
  readonly is_exact: boolean;
}

type Line = Invoice['lines'][number];

/**
 * What the lines of a signed payload come to (docs/decisions/0036), reckoned anew in whole numbers of any
 * size. Null where the payload has no lines that can be added up.
 */
export function goodsColumns({ priceBasis, lines, taxes }: Partial<Invoice>): GoodsColumns | null {
  if (!areLines(lines) || !areTaxes(taxes)) return null;
  const priced = lines.filter(({ type }) => type !== 'rounding');
  // Prices without tax are grossed up category by category; prices with tax are one sum.
  const taxed = priceBasis === 'net' ? taxes : [undefined];
  let sold = 0n;
  let returned = 0n;
  for (const tax of taxed) {
    const group = tax === undefined ? priced : priced.filter(({ taxCategory }) => taxCategory === tax.category);
    const forward = group.filter(goesForward);
    const back = group.filter((line) => !goesForward(line));
    const hasBoth = sumOf(forward) !== 0n && sumOf(back) !== 0n;
    const withTax = (side: readonly Line[]): bigint => sumOf(side) + (hasBoth ? shareOf(sumOf(side), tax) : 0n);
    sold += withTax(forward);
    returned -= withTax(back);
    // One side alone bears all of the tax that the till stated.
    const stated = tax === undefined || hasBoth ? 0n : BigInt(tax.amount);
    if (sumOf(back) === 0n) sold += stated;
    else returned -= stated;
  }
  return {
    sold: String(above(sold) + above(-returned)),
    returned: String(above(returned) + above(-sold)),
    lines: priced.length,
    is_exact: priced.every(isWhole) && (priceBasis === 'gross' || taxes.every(({ amount }) => amount === 0)),
  };
}

/** Discounts run against their goods. */
function goesForward({ type, amount }: Line): boolean {
  return type === 'discount' ? amount <= 0 : amount > 0;
}

function sumOf(lines: readonly Line[]): bigint {
  return lines.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
}

/** The rate's share on top of a net sum, half away from zero. */
function shareOf(net: bigint, tax: Invoice['taxes'][number] | undefined): bigint {
  if (tax === undefined) return 0n;
  const [whole = '', fraction = ''] = tax.rate.split('.');
  const hundred = 100n * 10n ** BigInt(fraction.length);
  const product = net * BigInt(whole + fraction);
  const half = product < 0n ? -hundred / 2n : hundred / 2n;
  return (product + half) / hundred;
}

function isWhole({ type, quantity, unitPrice, discount }: Line): boolean {
  return type !== 'discount' && (discount ?? 0) === 0 && /^-?\d+$/.test(quantity) && /^-?\d+$/.test(unitPrice);
}

function above(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}

/** The bytes may have been exchanged: what is JSON need not be an invoice. */
function areLines(lines: unknown): lines is Invoice['lines'] {
  return (
    Array.isArray(lines) &&
    lines.every((line: Partial<Line> | null) => typeof line === 'object' && Number.isInteger(line?.amount))
  );
}

function areTaxes(taxes: unknown): taxes is Invoice['taxes'] {
  return (
    Array.isArray(taxes) &&
    taxes.every(
      (tax: Partial<Invoice['taxes'][number]> | null) =>
        typeof tax === 'object' && Number.isInteger(tax?.amount) && /^\d+(\.\d+)?$/.test(String(tax?.rate)),
    )
  );
}
