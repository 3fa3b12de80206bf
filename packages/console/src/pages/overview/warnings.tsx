import type { WarningCount } from '@tax-control/protocol/console';
import { formatCount } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import type { CsvSource } from '../../parts/csv-button.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';

/** Invoices that were issued although something about them is odd, by what it is. */
export function WarningsTable({
  warnings,
  csv,
}: {
  readonly warnings: readonly WarningCount[];
  readonly csv: CsvSource;
}) {
  const { t, tag, code } = useLanguage();
  const columns: readonly ColumnOf<WarningCount>[] = [
    { heading: t('overview.warning'), cell: ({ warning }) => code('warning', warning) },
    { heading: t('column.count'), cell: ({ count }) => formatCount(count.value, tag), number: true },
    { heading: t('column.before'), cell: ({ count }) => formatCount(count.before, tag), number: true },
    { heading: t('column.same_weekday'), cell: ({ count }) => formatCount(count.sameWeekday, tag), number: true },
  ];
  return (
    <Section title={t('overview.warnings')} csv={csv}>
      <DataTable caption={t('overview.warnings')} rows={warnings} columns={columns} keyOf={({ warning }) => warning} />
    </Section>
  );
}
