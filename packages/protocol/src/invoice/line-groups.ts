import type { Fault } from '../catalogue/problems.js';
import { isSameRate, plainRate } from '../parameters/tax-rates.js';
import type { Invoice, InvoiceLine, InvoiceTax, LineLevy } from './invoice-schema.js';
import type { TaxTerms } from './tax-arithmetic.js';

/** What a line says of its taxes. */
export type TaxedLine = Pick<InvoiceLine, 'type' | 'taxCategory' | 'taxRate' | 'levies' | 'amount'>;

/** Lines that name the same taxes, taken together. */
export interface LineGroup {
  /** See {@link groupKey}. */
  readonly key: string;
  readonly category: string;
  readonly rate: string | undefined;
  readonly levies: readonly LineLevy[];
  /** Position of the first line. */
  readonly first: number;
  /** Exact where `unsafeSums` finds nothing. */
  sum: number;
  lines: number;
}

const NONE: never[] = [];

/** Groups lines by the taxes that they name. Rounding lines and those without category are in no group. */
export function groupLines(lines: readonly TaxedLine[]): LineGroup[] {
  const groups = new Map<string, LineGroup>();
  for (const [index, line] of lines.entries()) {
    const { type, taxCategory, taxRate, levies = NONE, amount } = line;
    if (type === 'rounding' || taxCategory === undefined) continue;
    const key = groupKey(line);
    const found = groups.get(key);
    if (found === undefined)
      groups.set(key, { key, category: taxCategory, rate: taxRate, levies, first: index, sum: amount, lines: 1 });
    else {
      found.sum += amount;
      found.lines += 1;
    }
  }
  return [...groups.values()];
}

/** The same for lines that name the same taxes, in the same words. */
export function groupKey({ taxCategory = '', taxRate, levies = NONE }: TaxedLine): string {
  if (taxRate === undefined && levies.length === 0) return taxCategory;
  return [`${taxCategory} ${taxRate ?? ''}`, ...levies.map(({ category, rate }) => `${category} ${rate ?? ''}`)].join();
}

/** Of lines: the taxes that they have, found among those that an invoice or the law has. */
export interface TaxesOfGroup<Tax> {
  readonly tax: Tax;
  readonly levies: readonly Tax[];
}

export type TaxSearch<Tax> =
  { readonly ok: true; readonly found: TaxesOfGroup<Tax> } | { readonly ok: false; readonly faults: Fault[] };

/** Whether a tax is charged beside that of a line's category. */
export function isLevy({ levy }: Pick<TaxTerms, 'levy'>): boolean {
  return levy !== undefined;
}

/** Finds the taxes that lines name; where one is missing or several fit, the faults point to the first of the lines. */
export class TaxFinder<Tax extends TaxTerms> {
  private readonly known = new Map<string, Tax[]>();

  constructor(taxes: readonly Tax[]) {
    for (const tax of taxes) for (const key of [keyOf(tax, isLevy(tax)), keyAt(tax, isLevy(tax))]) this.add(key, tax);
  }

  /** Taxes of the category, at the rate if one is named. */
  fitting(named: LineLevy, asLevy: boolean): readonly Tax[] {
    const { category, rate } = named;
    return this.known.get(rate === undefined ? keyOf(named, asLevy) : keyAt({ category, rate }, asLevy)) ?? [];
  }

  /** @param missing of a tax that is not there: what is said of it, or what is taken for it; a levy is named as one */
  taxesOf(
    { category, rate, levies, first }: Pick<LineGroup, 'category' | 'rate' | 'levies' | 'first'>,
    missing: (named: LineLevy, asLevy: boolean, pointer: string) => Fault | Tax,
  ): TaxSearch<Tax> {
    const faults: Fault[] = [];
    const find = (named: LineLevy, asLevy: boolean, pointer: string, rateName: string): Tax | undefined => {
      const fitting = this.fitting(named, asLevy);
      const [only] = fitting;
      if (only === undefined) {
        const instead = missing(named, asLevy, `${pointer}/${asLevy ? 'category' : 'taxCategory'}`);
        if (!('pointer' in instead)) return instead;
        faults.push(instead);
      } else if (fitting.length > 1) {
        const rates = fitting.map((tax) => `${tax.rate} %`).join(', ');
        faults.push({ pointer: `${pointer}/${rateName}`, detail: `Is missing: ${named.category} has ${rates}.` });
      }
      return only;
    };
    const line = `/lines/${first}`;
    const tax = find(rate === undefined ? { category } : { category, rate }, false, line, 'taxRate');
    const found: Tax[] = [];
    for (const [index, levy] of levies.entries()) {
      const pointer = `${line}/levies/${index}`;
      const one = find(levy, true, pointer, 'rate');
      if (one === undefined) continue;
      if (found.includes(one)) faults.push({ pointer, detail: 'Is named twice on this line.' });
      found.push(one);
    }
    return tax === undefined || faults.length > 0 ? { ok: false, faults } : { ok: true, found: { tax, levies: found } };
  }

  private add(key: string, tax: Tax): void {
    const found = this.known.get(key);
    if (found === undefined) this.known.set(key, [tax]);
    else found.push(tax);
  }
}

function keyOf({ category }: Pick<TaxTerms, 'category'>, asLevy: boolean): string {
  return asLevy ? `${category} levy` : category;
}

function keyAt(tax: Pick<TaxTerms, 'category' | 'rate'>, asLevy: boolean): string {
  return `${keyOf(tax, asLevy)} ${plainRate(tax.rate)}`;
}

/** Lines of an invoice that have the same rows of its taxes. */
export interface TaxedLines extends TaxesOfGroup<InvoiceTax> {
  readonly lines: readonly InvoiceLine[];
}

/** The lines of an invoice that was checked, by the rows that they have. Of others, lines that have no row are left out. */
export function taxedLines({ lines, taxes }: Pick<Invoice, 'lines' | 'taxes'>): TaxedLines[] {
  const finder = new TaxFinder(taxes);
  const groups = new Map<string, TaxesOfGroup<InvoiceTax> & { readonly lines: InvoiceLine[] }>();
  for (const group of groupLines(lines)) {
    const search = finder.taxesOf(group, () => NOT_FOUND);
    if (search.ok) groups.set(group.key, { ...search.found, lines: [] });
  }
  for (const line of lines) if (line.type !== 'rounding') groups.get(groupKey(line))?.lines.push(line);
  return [...groups.values()];
}

const NOT_FOUND = { pointer: '/taxes', detail: 'Has no row for it.' } as const;

/** Whether a tax stands in a list already, at the same rate: one row would do. */
export function isRepeated(taxes: readonly InvoiceTax[], index: number): boolean {
  const tax = taxes[index];
  return taxes
    .slice(0, index)
    .some((other) => tax !== undefined && other.category === tax.category && isSameRate(other.rate, tax.rate));
}

/** Of a line of an invoice that was checked, its rows of the taxes: that of its category first. None for a rounding line. */
export function taxesOfLine<Tax extends TaxTerms>(line: TaxedLine, taxes: readonly Tax[]): Tax[] {
  const finder = new TaxFinder(taxes);
  return groupLines([line]).flatMap((group) => {
    const search = finder.taxesOf(group, () => NOT_FOUND);
    return search.ok ? [search.found.tax, ...search.found.levies] : [];
  });
}
