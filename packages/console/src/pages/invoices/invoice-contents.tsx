import type { Invoice } from '@tax-control/protocol';
import { taxesOfLine } from '@tax-control/protocol/console';
import { formatMoney, formatUnitPrice } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';

interface ContentsProps {
  readonly payload: Invoice;
}

/** Rows as they stand in the payload, with their place as key: two equal lines are two lines. */
function placed<Row>(rows: readonly Row[]): readonly (Row & { readonly place: number })[] {
  return rows.map((row, place) => ({ ...row, place }));
}

const keyOf = ({ place }: { readonly place: number }) => String(place);

/** The categories that a line has, that of the goods first; with the rate where the invoice has the category at several. */
function taxesOfRow(line: Invoice['lines'][number], { taxes }: Invoice): string {
  return taxesOfLine(line, taxes)
    .map(({ category, rate }) =>
      taxes.filter((tax) => tax.category === category).length > 1 ? `${category} ${rate} %` : category,
    )
    .join(', ');
}

export function InvoiceLines({ payload }: ContentsProps) {
  const { t, tag, code } = useLanguage();
  const money = (amount: number) => formatMoney(amount, payload.currency, tag);
  const columns: readonly ColumnOf<Invoice['lines'][number] & { readonly place: number }>[] = [
    { heading: t('invoice.line'), cell: ({ description }) => description, words: true },
    { heading: t('invoices.type'), cell: ({ type }) => code('line_type', type) },
    { heading: t('invoice.quantity'), cell: ({ quantity }) => quantity, number: true },
    {
      heading: t('invoice.unit_price'),
      cell: ({ unitPrice }) => formatUnitPrice(unitPrice, payload.currency, tag),
      number: true,
    },
    { heading: t('overview.tax.category'), cell: (line) => taxesOfRow(line, payload) },
    { heading: t('invoice.amount'), cell: ({ amount }) => money(amount), number: true },
  ];
  const originals: typeof columns = [
    {
      heading: t('invoice.original'),
      cell: ({ original }) => (original === undefined ? null : original + 1),
      number: true,
    },
  ];
  const hasOriginals = payload.lines.some(({ original }) => original !== undefined);
  return (
    <Section title={t('invoice.lines')}>
      <DataTable
        caption={t('invoice.lines')}
        rows={placed(payload.lines)}
        columns={hasOriginals ? [...columns, ...originals] : columns}
        keyOf={keyOf}
      />
    </Section>
  );
}

export function InvoiceTaxes({ payload }: ContentsProps) {
  const { t, tag } = useLanguage();
  const money = (amount: number) => formatMoney(amount, payload.currency, tag);
  const columns: readonly ColumnOf<Invoice['taxes'][number]>[] = [
    { heading: t('overview.tax.category'), cell: ({ category }) => category },
    { heading: t('overview.tax.rate'), cell: ({ rate }) => `${rate} %`, number: true },
    { heading: t('overview.tax.base'), cell: ({ base }) => money(base), number: true },
    { heading: t('overview.tax.amount'), cell: ({ amount }) => money(amount), number: true },
  ];
  const sorts: typeof columns = [
    {
      heading: t('tax_rates.sort'),
      cell: ({ levy }) => t(levy === undefined ? 'tax_rates.tax' : `tax_rates.levy_${levy}`),
      words: true,
    },
  ];
  const hasLevies = payload.taxes.some(({ levy }) => levy !== undefined);
  return (
    <Section title={t('invoice.taxes')}>
      <DataTable
        caption={t('invoice.taxes')}
        rows={payload.taxes}
        columns={hasLevies ? [...columns, ...sorts] : columns}
        keyOf={({ category, rate }) => `${category} ${rate}`}
      />
    </Section>
  );
}

export function InvoicePayments({ payload }: ContentsProps) {
  const { t, tag, code } = useLanguage();
  const money = (amount: number) => formatMoney(amount, payload.currency, tag);
  const columns: readonly ColumnOf<Invoice['payments'][number] & { readonly place: number }>[] = [
    { heading: t('column.name'), cell: ({ method }) => code('method', method) },
    { heading: t('invoice.amount'), cell: ({ amount }) => money(amount), number: true },
  ];
  const forfeits: typeof columns = [
    {
      heading: t('invoice.forfeited'),
      cell: ({ forfeited }) => (forfeited === undefined ? null : money(forfeited)),
      number: true,
    },
  ];
  const hasForfeits = payload.payments.some(({ forfeited }) => forfeited !== undefined);
  return (
    <Section title={t('invoice.payments')}>
      <DataTable
        caption={t('invoice.payments')}
        rows={placed(payload.payments)}
        columns={hasForfeits ? [...columns, ...forfeits] : columns}
        keyOf={keyOf}
      />
    </Section>
  );
}
