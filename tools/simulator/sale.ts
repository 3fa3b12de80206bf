import { completeArithmetic, type Invoice, type LineDraft } from '@tax-control/protocol';
import { TAX_RATES } from './goods.js';

/** What is sold or taken back, before it is an invoice. */
export interface SaleDraft {
  readonly kind: Invoice['kind'];
  readonly type: Invoice['type'];
  readonly lines: readonly LineDraft[];
  readonly method: Invoice['payments'][number]['method'];
  readonly reference?: { readonly terminalId: string; readonly invoiceId: string };
  readonly supersedes?: { readonly terminalId: string; readonly invoiceId: string };
  /** The till's software computes the tax wrongly. */
  readonly faulty?: boolean;
}

/** What the till adds. */
export type TillPart = Pick<
  Invoice,
  | 'id'
  | 'taxpayerId'
  | 'premisesId'
  | 'terminalId'
  | 'journalId'
  | 'counter'
  | 'previousDigest'
  | 'number'
  | 'issuedAt'
  | 'clockOffsetMs'
  | 'clockOffsetAgeSeconds'
  | 'businessDay'
  | 'cashier'
  | 'software'
>;

/** Pence by which the faulty software is wrong: more than rounding may be. */
const FAULT = 3;

const RATES = Object.entries(TAX_RATES).map(([category, rate]) => ({ category, rate }));

/** A whole invoice, with the arithmetic that tills share with the server. */
export function invoiceOf(draft: SaleDraft, part: TillPart): Invoice {
  const completed = completeArithmetic({ priceBasis: 'gross', lines: draft.lines }, { of: () => RATES, ever: RATES });
  if (!completed.ok) throw new Error(`a simulated sale has no arithmetic: ${completed.problem.code}`);
  const { lines, total } = completed;
  const taxes = completed.taxes.map((tax, index) =>
    draft.faulty === true && index === 0 ? { ...tax, base: tax.base - FAULT, amount: tax.amount + FAULT } : tax,
  );
  return {
    schemaVersion: 1,
    ...part,
    type: draft.type,
    kind: draft.kind,
    currency: 'GBP',
    priceBasis: 'gross',
    lines,
    taxes,
    total,
    payments: [{ method: draft.method, amount: total }],
    ...(draft.reference === undefined ? {} : { reference: draft.reference }),
    ...(draft.supersedes === undefined ? {} : { supersedes: draft.supersedes }),
  };
}
