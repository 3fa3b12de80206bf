import type { InvoiceKind, InvoiceType } from '@tax-control/protocol';
import type { CurrencyFigures, TaxFigures, TurnoverPoint } from '@tax-control/protocol/console';
import type { Span } from '../statistics/period.js';
import { amountOf, baseOf, type Compared, figure, labelsOf, money, select, timesOf } from './figures.js';
import type { Sum } from './read-sums.js';

/** Types that are fiscal receipts; training, proforma and copies count in no turnover. */
const FISCAL_TYPES: readonly InvoiceType[] = ['normal', 'advance'];

/** Label of the figure `invoices`. */
interface InvoiceLabel {
  readonly type: string;
  readonly kind: string;
  readonly currency: string;
}

function readLabel(label: string): InvoiceLabel {
  const [type = '', kind = '', currency = ''] = label.split('/');
  return { type, kind, currency };
}

/** Whether a sum of the figure `invoices` is of fiscal receipts. */
export function isFiscal({ label }: Pick<Sum, 'label'>): boolean {
  const { type } = readLabel(label);
  return FISCAL_TYPES.some((fiscal) => fiscal === type);
}

/** The money of each currency, in the order of their names. */
export function currencyFigures(compared: Compared<readonly Sum[]>): readonly CurrencyFigures[] {
  const labels = labelsOf(compared, 'invoices').filter((label) => isFiscal({ label }));
  const currencies = [...new Set(labels.map((label) => readLabel(label).currency))].sort();
  return currencies.map((currency) => {
    const of = (kind?: InvoiceKind) => (sums: readonly Sum[]) => ofCurrency(sums, currency, kind);
    const count = (kind: InvoiceKind) => figure(compared, (sums) => timesOf(of(kind)(sums)));
    const amount = (kind?: InvoiceKind) => money(compared, (sums) => amountOf(of(kind)(sums)));
    return {
      currency,
      turnover: amount(),
      salesCount: count('sale'),
      sales: amount('sale'),
      refundsCount: count('refund'),
      refunds: amount('refund'),
      voidsCount: count('void'),
      voids: amount('void'),
      taxes: taxFigures(compared, currency),
    };
  });
}

/** Sums of fiscal receipts of a currency, of one kind or of all. */
function ofCurrency(sums: readonly Sum[], currency: string, kind?: InvoiceKind): readonly Sum[] {
  return select(sums, 'invoices', (label) => {
    const read = readLabel(label);
    return isFiscal({ label }) && read.currency === currency && (kind === undefined || read.kind === kind);
  });
}

function taxFigures(compared: Compared<readonly Sum[]>, currency: string): readonly TaxFigures[] {
  const labels = labelsOf(compared, 'tax').filter((label) => label.startsWith(`${currency}/`));
  return labels.map((label) => {
    const [, category = '', rate = ''] = label.split('/');
    const of = (sums: readonly Sum[]): readonly Sum[] => select(sums, 'tax', (other) => other === label);
    return {
      category,
      rate,
      base: money(compared, (sums) => baseOf(of(sums))),
      amount: money(compared, (sums) => amountOf(of(sums))),
    };
  });
}

/** Turnover by step and currency; steps without an invoice of the currency are left out. */
export function turnoverSeries(bySteps: readonly (readonly Sum[])[], steps: readonly Span[]): readonly TurnoverPoint[] {
  return steps.flatMap(({ fromMs }, step) => {
    const sums = (bySteps[step] ?? []).filter((sum) => sum.figure === 'invoices' && isFiscal(sum));
    const currencies = [...new Set(sums.map(({ label }) => readLabel(label).currency))].sort();
    return currencies.map((currency) => ({
      start: new Date(fromMs).toISOString(),
      currency,
      turnover: String(amountOf(ofCurrency(sums, currency))),
      refunds: String(amountOf(ofCurrency(sums, currency, 'refund'))),
      voids: String(amountOf(ofCurrency(sums, currency, 'void'))),
    }));
  });
}
