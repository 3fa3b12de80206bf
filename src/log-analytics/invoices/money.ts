import type { InvoiceKind, InvoiceType } from '@tax-control/protocol';
import type { CurrencyFigures, TaxFigures, TurnoverPoint } from '@tax-control/protocol/console';
import type { Span } from '../statistics/period.js';
import { amountOf, baseOf, type Compared, figure, labelsOf, money, select, timesOf } from './figures.js';
import type { Sum } from './read-sums.js';

/** Types that are fiscal receipts; training, proforma and copies count in no turnover. */
const FISCAL_TYPES: readonly InvoiceType[] = ['normal', 'advance'];

/** Whether a sum of the figure `invoices` is of fiscal receipts. */
export function isFiscal({ label: [type] }: Pick<Sum, 'label'>): boolean {
  return FISCAL_TYPES.some((fiscal) => fiscal === type);
}

/** Currencies of fiscal receipts, in the order of their names. */
function currenciesOf(sums: readonly Sum[]): readonly string[] {
  return [...new Set(sums.filter(isFiscal).map(({ label: [, , currency = ''] }) => currency))].sort();
}

/** The money of each currency, in the order of their names. */
export function currencyFigures(compared: Compared<readonly Sum[]>): readonly CurrencyFigures[] {
  const all = [...compared.value, ...compared.before, ...compared.sameWeekday];
  return currenciesOf(select(all, 'invoices')).map((currency) => {
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
  return select(
    sums,
    'invoices',
    (label) => isFiscal({ label }) && label[2] === currency && (kind === undefined || label[1] === kind),
  );
}

function taxFigures(compared: Compared<readonly Sum[]>, currency: string): readonly TaxFigures[] {
  const labels = labelsOf(compared, 'tax').filter((label) => label.startsWith(`${currency}/`));
  return labels.map((label) => {
    const [, category = '', rate = ''] = label.split('/');
    const of = (sums: readonly Sum[]): readonly Sum[] => select(sums, 'tax', (other) => other.join('/') === label);
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
    const sums = select(bySteps[step] ?? [], 'invoices');
    return currenciesOf(sums).map((currency) => ({
      start: new Date(fromMs).toISOString(),
      currency,
      turnover: String(amountOf(ofCurrency(sums, currency))),
      refunds: String(amountOf(ofCurrency(sums, currency, 'refund'))),
      voids: String(amountOf(ofCurrency(sums, currency, 'void'))),
    }));
  });
}
