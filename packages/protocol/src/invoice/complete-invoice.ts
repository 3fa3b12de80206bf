import { type Fault, type Problem, problem } from '../catalogue/problems.js';
import { isSameRate } from '../parameters/tax-rates.js';
import { tolerant } from '../schema/tolerant.js';
import { validator } from '../schema/validator.js';
import { safeNumber } from './decimal.js';
import { type Invoice, type InvoiceLine, invoiceSchema, type InvoiceTax, type LineLevy } from './invoice-schema.js';
import { lineAmount } from './line-arithmetic.js';
import { groupKey, groupLines, type LineGroup, TaxFinder, type TaxesOfGroup } from './line-groups.js';
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

/**
 * Adds what a draft leaves out: amounts of lines, taxes, total; all rounded half away from zero. What is given is kept,
 * right or wrong: `checkInvoice` judges the whole afterwards, and takes everything that is computed here. A rate that a line states is
 * kept, too, whether it is known or not; where a category comes to have several, each of its lines states its own.
 * @param rates what is in force; problem tax_arithmetic where a line names a category or levy that is not among them, or is there at
 *   several rates and the line states none
 * @returns problem schema_violation where a draft can't be computed with, amount_unsafe where an amount is beyond ±(2^53 − 1)
 */
export function completeArithmetic(draft: ArithmeticDraft, rates: readonly TaxTerms[]): Completion {
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

function completeTaxes(
  lines: readonly InvoiceLine[],
  priceBasis: PriceBasis,
  rates: readonly TaxTerms[],
): TaxCompletion {
  const groups = groupLines(lines);
  const finder = new TaxFinder(rates, statedTerms(groups, rates));
  const sums = exactSums(lines);
  const found = new Map<string, TaxesOfGroup<TaxTerms>>();
  const rows = new Map<TaxTerms, { base: bigint; amount: bigint }>();
  const add = (terms: TaxTerms, base: bigint, amount: bigint): void => {
    const row = rows.get(terms) ?? { base: 0n, amount: 0n };
    rows.set(terms, { base: row.base + base, amount: row.amount + amount });
  };
  for (const group of groups) {
    const search = finder.taxesOf(group, (named, isLevy, pointer) => rateMissing(named, isLevy, pointer, rates));
    if (!search.ok) return { ok: false, problem: ratesMissing(search.faults) };
    const { tax, levies } = search.found;
    found.set(group.key, search.found);
    const shares = taxShares(sums.get(group.key) ?? 0n, tax, levies, priceBasis);
    add(tax, shares.base, shares.amount);
    for (const [index, levy] of levies.entries()) add(levy, shares.leviesBase, shares.levies[index] ?? 0n);
  }
  const taxes: InvoiceTax[] = [];
  for (const [{ category, rate, levy }, sum] of rows) {
    const base = safeNumber(sum.base);
    const amount = safeNumber(sum.amount);
    if (base === null || amount === null) return { ok: false, problem: problem('amount_unsafe') };
    taxes.push({ category, rate, base, amount, ...(levy !== undefined && { levy }) });
  }
  return { ok: true, lines: withRates(lines, found, taxes), taxes };
}

/** Rates that lines state and that are not in force. Of a levy it must be known which sort it is. */
function statedTerms(groups: readonly LineGroup[], rates: readonly TaxTerms[]): TaxTerms[] {
  const stated: TaxTerms[] = [];
  const state = ({ category, rate }: Pick<LineLevy, 'category' | 'rate'>, isLevy: boolean): void => {
    const ofCategory = (terms: TaxTerms): boolean =>
      terms.category === category && (terms.levy !== undefined) === isLevy;
    if (rate === undefined) return;
    if ([...rates, ...stated].some((terms) => ofCategory(terms) && isSameRate(terms.rate, rate))) return;
    const levy = rates.find(ofCategory)?.levy;
    if (isLevy === (levy !== undefined)) stated.push({ category, rate, ...(levy !== undefined && { levy }) });
  };
  for (const { category, rate, levies } of groups) {
    state(rate === undefined ? { category } : { category, rate }, false);
    for (const levy of levies) state(levy, true);
  }
  return stated;
}

/** Sums of groups that may be beyond what a number holds. */
function exactSums(lines: readonly InvoiceLine[]): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const line of lines) {
    const key = groupKey(line);
    sums.set(key, (sums.get(key) ?? 0n) + BigInt(line.type === 'rounding' ? 0 : line.amount));
  }
  return sums;
}

/** Lines that say which row of the taxes they bear, where a category or levy has several. */
function withRates(
  lines: readonly InvoiceLine[],
  found: ReadonlyMap<string, TaxesOfGroup<TaxTerms>>,
  taxes: readonly InvoiceTax[],
): InvoiceLine[] {
  const several = taxes.filter(({ category }) => taxes.filter((tax) => tax.category === category).length > 1);
  const needsRate = (terms: TaxTerms | undefined): terms is TaxTerms =>
    terms !== undefined && several.some(({ category }) => category === terms.category);
  if (several.length === 0) return [...lines];
  return lines.map((line) => {
    const { tax, levies } = found.get(groupKey(line)) ?? {};
    const named = line.levies?.map((levy, index) => {
      const terms = levies?.[index];
      return needsRate(terms) ? { ...levy, rate: terms.rate } : levy;
    });
    return {
      ...line,
      ...(needsRate(tax) && line.type !== 'rounding' && { taxRate: tax.rate }),
      ...(named !== undefined && { levies: named }),
    };
  });
}

function rateMissing({ category }: LineLevy, isLevy: boolean, pointer: string, rates: readonly TaxTerms[]): Fault {
  const fitting = rates.filter(({ levy }) => (levy !== undefined) === isLevy);
  const allowed = [...new Set(fitting.map((terms) => terms.category))].toSorted().join(', ');
  const named = isLevy ? ['levy', 'No levy', 'Levies'] : ['category', 'No category', 'Categories'];
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
