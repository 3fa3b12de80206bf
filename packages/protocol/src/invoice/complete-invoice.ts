import { type Fault, type Problem, problem } from '../catalogue/problems.js';
import { plainRate } from '../parameters/tax-rates.js';
import { tolerant } from '../schema/tolerant.js';
import { validator } from '../schema/validator.js';
import { safeNumber } from './decimal.js';
import { type Invoice, type InvoiceLine, invoiceSchema, type InvoiceTax, type LineLevy } from './invoice-schema.js';
import { lineAmount } from './line-arithmetic.js';
import { isLevy, TaxFinder, type TaxesOfGroup } from './line-groups.js';
import { type PriceBasis, taxShares, type TaxTerms } from './tax-arithmetic.js';

/** A line whose amount may be left out. */
export type LineDraft = Omit<InvoiceLine, 'amount'> & { readonly amount?: number };

/** What the arithmetic of an invoice is computed from. */
export interface ArithmeticDraft {
  readonly priceBasis: Invoice['priceBasis'];
  readonly lines: readonly LineDraft[];
  /** Taken as they are, if given. */
  readonly taxes?: readonly InvoiceTax[];
  /** Taken as it is, if given. */
  readonly total?: number;
}

/** The three members that belong together. */
export type CompletedArithmetic = Pick<Invoice, 'lines' | 'taxes' | 'total'>;

export type Completion =
  ({ readonly ok: true } & CompletedArithmetic) | { readonly ok: false; readonly problem: Problem };

const { properties } = invoiceSchema;
const line = properties.lines.items;

/** Only what is computed with is judged here; the finished invoice meets the whole schema anyway. */
const draftShape = validator<ArithmeticDraft>(
  tolerant({
    type: 'object',
    required: ['priceBasis', 'lines'],
    properties: {
      priceBasis: properties.priceBasis,
      lines: { ...properties.lines, items: { ...line, required: line.required.filter((name) => name !== 'amount') } },
      taxes: properties.taxes,
      total: properties.total,
    },
  }),
);

/** Rates by which the taxes of lines are computed. */
export interface KnownRates {
  /** Of a line: those that it may have without saying which. Lines of one source give the very same list. */
  readonly of: (line: LineDraft) => readonly TaxTerms[];
  /** All that there are or were: which sort a levy is, of which a line states the rate. */
  readonly ever: readonly TaxTerms[];
}

/**
 * Adds what a draft leaves out: amounts of lines, taxes, total; all rounded half away from zero. What is given is kept,
 * right or wrong: `checkInvoice` judges the whole afterwards, and takes everything that is computed here. A rate that a line states is
 * kept, too, whether it is known or not; where a category comes to have several, each of its lines states its own.
 * @returns problem tax_arithmetic where a line names a category or levy that has no rate, or several and the line states none;
 *   schema_violation where a draft can't be computed with, amount_unsafe where an amount is beyond ±(2^53 − 1)
 */
export function completeArithmetic(draft: ArithmeticDraft, rates: KnownRates): Completion {
  const errors = draftShape.accepts(draft) ? [] : draftShape.faults(draft);
  if (errors.length > 0) return { ok: false, problem: problem('schema_violation', { errors }) };
  const lines: InvoiceLine[] = [];
  for (const [index, line] of draft.lines.entries()) {
    const amount = line.amount ?? safeNumber(lineAmount(line));
    if (amount === null) return unsafe(`/lines/${index}/amount`);
    lines.push({ ...line, amount });
  }
  const taxed =
    draft.taxes === undefined
      ? completeTaxes(lines, draft.priceBasis, rates)
      : { ok: true as const, lines, taxes: [...draft.taxes] };
  if (!taxed.ok) return taxed;
  const total = draft.total ?? safeNumber(exactTotal(lines, taxed.taxes));
  return total === null ? unsafe('/total') : { ...taxed, total };
}

type TaxCompletion =
  ({ readonly ok: true } & Pick<CompletedArithmetic, 'lines' | 'taxes'>) | (Completion & { readonly ok: false });

/** Lines that have the same taxes at the same rates. */
interface TaxGroup extends TaxesOfGroup<TaxTerms> {
  sum: bigint;
}

function completeTaxes(lines: readonly InvoiceLine[], priceBasis: PriceBasis, rates: KnownRates): TaxCompletion {
  const found: (TaxGroup | null)[] = [];
  const taxGroups = new Map<string, TaxGroup>();
  const finders = new Map<readonly TaxTerms[], TaxFinder<TaxTerms>>();
  for (const [index, line] of lines.entries()) {
    const { type, taxCategory, taxRate, levies = [], amount } = line;
    if (type === 'rounding' || taxCategory === undefined) {
      found.push(null);
      continue;
    }
    const ofLine = rates.of(line);
    const finder = finders.get(ofLine) ?? new TaxFinder(ofLine);
    finders.set(ofLine, finder);
    const search = finder.taxesOf(
      { category: taxCategory, rate: taxRate, levies, first: index },
      (named, asLevy, pointer) => statedTerms(named, asLevy, rates.ever) ?? rateMissing(named, asLevy, pointer, ofLine),
    );
    if (!search.ok) return { ok: false, problem: ratesMissing(search.faults) };
    const key = [search.found.tax, ...search.found.levies].map(taxKey).join();
    const taxGroup = taxGroups.get(key) ?? { ...search.found, sum: 0n };
    taxGroup.sum += BigInt(amount);
    taxGroups.set(key, taxGroup);
    found.push(taxGroup);
  }
  const taxes = taxesOf([...taxGroups.values()], priceBasis);
  return taxes === null
    ? { ok: false, problem: problem('amount_unsafe') }
    : { ok: true, lines: lines.map((line, index) => withRates(line, found[index] ?? null, taxes)), taxes };
}

/** The same for a tax at the same rate, whatever list it comes from. */
function taxKey({ category, rate, levy }: TaxTerms): string {
  return `${category} ${plainRate(rate)} ${levy ?? ''}`;
}

/** A rate that a line states and that is not in force. Of a levy it must be known which sort it is. */
function statedTerms({ category, rate }: LineLevy, asLevy: boolean, ever: readonly TaxTerms[]): TaxTerms | null {
  if (rate === undefined) return null;
  if (!asLevy) return { category, rate };
  const levy = ever.find((terms) => terms.category === category && isLevy(terms))?.levy;
  return levy === undefined ? null : { category, rate, levy };
}

/** Null where a sum is beyond what a number holds. */
function taxesOf(taxGroups: readonly TaxGroup[], priceBasis: PriceBasis): InvoiceTax[] | null {
  const rows = new Map<string, { readonly terms: TaxTerms; base: bigint; amount: bigint }>();
  const add = (terms: TaxTerms, base: bigint, amount: bigint): void => {
    const row = rows.get(taxKey(terms)) ?? { terms, base: 0n, amount: 0n };
    row.base += base;
    row.amount += amount;
    rows.set(taxKey(terms), row);
  };
  for (const { tax, levies, sum } of taxGroups) {
    const shares = taxShares(sum, tax, levies, priceBasis);
    add(tax, shares.base, shares.amount);
    for (const [index, levy] of levies.entries()) add(levy, shares.leviesBase, shares.levies[index] ?? 0n);
  }
  const taxes: InvoiceTax[] = [];
  for (const { terms, ...sum } of rows.values()) {
    const base = safeNumber(sum.base);
    const amount = safeNumber(sum.amount);
    if (base === null || amount === null) return null;
    const { category, rate, levy } = terms;
    taxes.push({ category, rate, base, amount, ...(levy !== undefined && { levy }) });
  }
  return taxes;
}

/** The line, and which row of the taxes it has where its category or levy has several. */
function withRates(line: InvoiceLine, taxGroup: TaxGroup | null, taxes: readonly InvoiceTax[]): InvoiceLine {
  if (taxGroup === null) return line;
  const hasSeveral = ({ category }: TaxTerms): boolean => taxes.filter((tax) => tax.category === category).length > 1;
  const levies = line.levies?.map((levy, index) => {
    const terms = taxGroup.levies[index];
    return terms !== undefined && hasSeveral(terms) ? { ...levy, rate: terms.rate } : levy;
  });
  return {
    ...line,
    ...(hasSeveral(taxGroup.tax) && { taxRate: taxGroup.tax.rate }),
    ...(levies !== undefined && { levies }),
  };
}

function rateMissing({ category }: LineLevy, asLevy: boolean, pointer: string, rates: readonly TaxTerms[]): Fault {
  const fitting = rates.filter((terms) => isLevy(terms) === asLevy);
  const allowed = [...new Set(fitting.map((terms) => terms.category))].toSorted().join(', ');
  const named = asLevy ? ['levy', 'No levy', 'Levies'] : ['category', 'No category', 'Categories'];
  const inForce = allowed === '' ? `${named[1]} has one.` : `${named[2]} that have one: ${allowed}.`;
  return { pointer, detail: `No rate is in force for ${named[0]} ${JSON.stringify(category)}. ${inForce}` };
}

function ratesMissing(errors: readonly Fault[]): Problem {
  return problem('tax_arithmetic', { detail: 'Name what the parameters’ tax rates have, or give the taxes.', errors });
}

function exactTotal(lines: readonly InvoiceLine[], taxes: readonly InvoiceTax[]): bigint {
  let total = 0n;
  for (const { type, amount } of lines) if (type === 'rounding') total += BigInt(amount);
  for (const { base, amount, levy } of taxes)
    total += (levy === undefined ? BigInt(base) : 0n) + (levy === 'taxed' ? 0n : BigInt(amount));
  return total;
}

function unsafe(pointer: string): Completion {
  return { ok: false, problem: problem('amount_unsafe', { errors: [{ pointer, detail: 'Is beyond ±(2^53 − 1).' }] }) };
}
