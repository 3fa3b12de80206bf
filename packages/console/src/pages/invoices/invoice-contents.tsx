import type { Invoice } from '@tax-control/protocol';
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
    { heading: t('overview.tax.category'), cell: ({ taxCategory }) => taxCategory },
    { heading: t('invoice.amount'), cell: ({ amount }) => money(amount), number: true },
  ];
  return (
    <Section title={t('invoice.lines')}>
      <DataTable caption={t('invoice.lines')} rows={placed(payload.lines)} columns={columns} keyOf={keyOf} />
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
  return (
    <Section title={t('invoice.taxes')}>
      <DataTable
        caption={t('invoice.taxes')}
        rows={payload.taxes}
        columns={columns}
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
