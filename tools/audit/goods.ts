import type { Invoice } from '@tax-control/protocol';

/** The ledger's columns on what was sold and returned, as the driver gives them. */
export interface GoodsColumns {
  readonly sold: string;
  readonly returned: string;
  readonly lines: number;
  readonly is_exact: boolean;
}

type Line = Invoice['lines'][number];
type Tax = Invoice['taxes'][number];

/**
 * What the lines of a signed payload come to (docs/decisions/0036, 0042), reckoned anew in whole numbers of any
 * size. Null where the payload has no lines that can be added up.
 * @param isMine of the lines, those that are added up: of one original of several
 */
export function goodsColumns(
  { priceBasis, lines, taxes }: Partial<Invoice>,
  isMine: (line: Line) => boolean = () => true,
): GoodsColumns | null {
  if (!areLines(lines) || !areTaxes(taxes)) return null;
  const all = lines.filter(({ type }) => type !== 'rounding');
  const mine = all.filter(isMine);
  let sold = sumOf(mine.filter(goesForward));
  let returned = -sumOf(mine.filter((line) => !goesForward(line)));
  // Prices without tax are grossed up, tax by tax.
  for (const tax of priceBasis === 'net' ? taxes : []) {
    const withTax = all.filter((line) => hasTax(line, tax));
    const mineOf = withTax.filter(isMine);
    const sides = [mineOf.filter(goesForward), mineOf.filter((line) => !goesForward(line))];
    const [noneForward, noneBack] = sides.map((side) => alike(side).every((some) => sumOf(some) === 0n));
    const hasOthers = withTax.some((line) => !isMine(line));
    // One side alone has all of the tax that the till stated.
    if (!hasOthers && noneBack === true) sold += BigInt(tax.amount);
    else if (!hasOthers && noneForward === true) returned -= BigInt(tax.amount);
    else {
      const [ofForward = 0n, ofBack = 0n] = sides.map((side) => shareOf(side, tax, taxes));
      sold += ofForward;
      returned -= ofBack;
    }
  }
  return {
    sold: String(above(sold) + above(-returned)),
    returned: String(above(returned) + above(-sold)),
    lines: mine.length,
    is_exact: mine.every(isWhole) && (priceBasis === 'gross' || taxes.every(({ amount }) => amount === 0)),
  };
}

/** Discounts run against their goods. */
function goesForward({ type, amount }: Line): boolean {
  return type === 'discount' ? amount <= 0 : amount > 0;
}

function sumOf(lines: readonly Line[]): bigint {
  return lines.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
}

/** Whether a line has a row of the taxes, as that of its category or as a levy. */
function hasTax({ taxCategory, taxRate, levies }: Line, tax: Tax): boolean {
  const named = tax.levy === undefined ? [{ category: taxCategory, rate: taxRate }] : (levies ?? []);
  return named.some(
    ({ category, rate }) => category === tax.category && (rate === undefined || Number(rate) === Number(tax.rate)),
  );
}

/** A hundred per cent, of which a rate is so many parts. */
const WHOLE = 1_000_000n;

function partsOf({ rate }: Tax): bigint {
  const [whole = '', fraction = ''] = rate.split('.');
  return BigInt(whole + fraction.padEnd(4, '0'));
}

/** Lines that name the same taxes, together. */
function alike(lines: readonly Line[]): Line[][] {
  const found = new Map<string, Line[]>();
  for (const line of lines) {
    const levies = line.levies?.map(({ category, rate }) => [category, rate]);
    const key = JSON.stringify([line.taxCategory, line.taxRate, levies]);
    const some = found.get(key);
    if (some === undefined) found.set(key, [line]);
    else some.push(line);
  }
  return [...found.values()];
}

/** A tax on top of net lines, rounded half away from zero for all lines that name the same taxes. */
function shareOf(lines: readonly Line[], tax: Tax, taxes: readonly Tax[]): bigint {
  let share = 0n;
  for (const some of alike(lines)) {
    const [first] = some;
    const onIt = taxes.filter((other) => other.levy === 'taxed' && first !== undefined && hasTax(first, other));
    const taxed = tax.levy === undefined ? onIt.reduce((sum, levy) => sum + partsOf(levy), 0n) : 0n;
    const product = sumOf(some) * (WHOLE + taxed) * partsOf(tax);
    const half = (WHOLE * WHOLE) / 2n;
    share += (product + (product < 0n ? -half : half)) / (WHOLE * WHOLE);
  }
  return share;
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
    lines.every(
      (line: Partial<Line> | null) =>
        typeof line === 'object' &&
        Number.isInteger(line?.amount) &&
        (line?.levies === undefined || areLevies(line.levies)),
    )
  );
}

function areLevies(levies: unknown): boolean {
  return Array.isArray(levies) && levies.every((levy) => typeof levy === 'object' && levy !== null);
}

function areTaxes(taxes: unknown): taxes is Invoice['taxes'] {
  return (
    Array.isArray(taxes) &&
    taxes.every(
      (tax: Partial<Tax> | null) =>
        typeof tax === 'object' && Number.isInteger(tax?.amount) && /^\d{1,3}(\.\d{1,4})?$/.test(String(tax?.rate)),
    )
  );
}
