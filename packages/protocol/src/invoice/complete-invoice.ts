import { type Problem, problem } from '../catalogue/problems.js';
import { tolerant } from '../schema/tolerant.js';
import { validator } from '../schema/validator.js';
import { safeNumber } from './decimal.js';
import { type Invoice, type InvoiceLine, invoiceSchema, type InvoiceTax } from './invoice-schema.js';
import { lineAmount } from './line-arithmetic.js';
import { taxAmount } from './tax-arithmetic.js';

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
 * right or wrong: `checkInvoice` judges the whole afterwards, and takes everything that is computed here.
 * @param rates in per cent, as decimal strings, by tax category; problem tax_arithmetic where a line's category has none
 * @returns problem schema_violation where a draft can't be computed with, amount_unsafe where an amount is beyond ±(2^53 − 1)
 */
export function completeArithmetic(draft: ArithmeticDraft, rates: ReadonlyMap<string, string>): Completion {
  const errors = draftShape.accepts(draft) ? [] : draftShape.faults(draft);
  if (errors.length > 0) return { ok: false, problem: problem('schema_violation', { errors }) };
  const lines: InvoiceLine[] = [];
  for (const [index, line] of draft.lines.entries()) {
    const amount = line.amount ?? safeNumber(lineAmount(line));
    if (amount === null) return unsafe(`/lines/${index}/amount`);
    lines.push({ ...line, amount });
  }
  const taxes = draft.taxes === undefined ? completeTaxes(lines, draft.priceBasis, rates) : [...draft.taxes];
  if (!Array.isArray(taxes)) return { ok: false, problem: taxes };
  const total = draft.total ?? safeNumber(exactTotal(lines, taxes));
  return total === null ? unsafe('/total') : { ok: true, lines, taxes, total };
}

function completeTaxes(
  lines: readonly InvoiceLine[],
  priceBasis: Invoice['priceBasis'],
  rates: ReadonlyMap<string, string>,
): InvoiceTax[] | Problem {
  const sums = new Map<string, bigint>();
  for (const { type, taxCategory, amount } of lines)
    if (type !== 'rounding' && taxCategory !== undefined)
      sums.set(taxCategory, (sums.get(taxCategory) ?? 0n) + BigInt(amount));
  const taxes: InvoiceTax[] = [];
  for (const [category, sum] of sums) {
    const rate = rates.get(category);
    if (rate === undefined) return rateMissing(lines, category, rates);
    const tax = taxAmount(sum, rate, priceBasis);
    const base = safeNumber(priceBasis === 'gross' ? sum - tax : sum);
    const amount = safeNumber(tax);
    if (base === null || amount === null) return problem('amount_unsafe');
    taxes.push({ category, rate, base, amount });
  }
  return taxes;
}

/** Points to the first line that names the category, because that is what somebody wrote. */
function rateMissing(lines: readonly InvoiceLine[], category: string, rates: ReadonlyMap<string, string>): Problem {
  const index = lines.findIndex(({ taxCategory }) => taxCategory === category);
  const allowed = [...rates.keys()].toSorted().join(', ');
  const inForce = allowed === '' ? 'No category has one.' : `Categories that have one: ${allowed}.`;
  return problem('tax_arithmetic', {
    detail: 'Name a category of the parameters’ tax rates, or give the taxes.',
    errors: [
      {
        pointer: `/lines/${index}/taxCategory`,
        detail: `No rate is in force for category ${JSON.stringify(category)}. ${inForce}`,
      },
    ],
  });
}

function exactTotal(lines: readonly InvoiceLine[], taxes: readonly InvoiceTax[]): bigint {
  let total = 0n;
  for (const { type, amount } of lines) if (type === 'rounding') total += BigInt(amount);
  for (const { base, amount } of taxes) total += BigInt(base) + BigInt(amount);
  return total;
}

function unsafe(pointer: string): Completion {
  return { ok: false, problem: problem('amount_unsafe', { errors: [{ pointer, detail: 'Is beyond ±(2^53 − 1).' }] }) };
}
