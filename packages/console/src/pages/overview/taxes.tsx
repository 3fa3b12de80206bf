import type { CurrencyFigures, TaxFigures } from '@tax-control/protocol/console';
import { formatAmount } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import type { CsvSource } from '../../parts/csv-button.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';

type Row = TaxFigures & { readonly currency: string };

/** Tax of each currency by category and rate. */
export function TaxTable({ money, csv }: { readonly money: readonly CurrencyFigures[]; readonly csv: CsvSource }) {
  const { t, tag } = useLanguage();
  const rows = money.flatMap(({ currency, taxes }) => taxes.map((tax): Row => ({ ...tax, currency })));
  const columns: readonly ColumnOf<Row>[] = [
    { heading: t('overview.currency'), cell: ({ currency }) => currency, tight: true },
    {
      heading: `${t('overview.tax.category')}, ${t('overview.tax.rate')}`,
      cell: ({ category, rate }) => `${category}, ${rate} %`,
    },
    {
      heading: t('overview.tax.base'),
      cell: ({ base, currency }) => formatAmount(base.value, currency, tag),
      number: true,
    },
    {
      heading: t('overview.tax.amount'),
      cell: ({ amount, currency }) => formatAmount(amount.value, currency, tag),
      number: true,
    },
    {
      heading: t('column.before'),
      cell: ({ amount, currency }) => formatAmount(amount.before, currency, tag),
      number: true,
    },
    {
      heading: t('column.same_weekday'),
      cell: ({ amount, currency }) => formatAmount(amount.sameWeekday, currency, tag),
      number: true,
    },
  ];
  return (
    <Section title={t('overview.taxes')} csv={csv}>
      <DataTable
        caption={t('overview.taxes')}
        rows={rows}
        columns={columns}
        keyOf={({ currency, category, rate }) => `${currency} ${category} ${rate}`}
      />
    </Section>
  );
}
