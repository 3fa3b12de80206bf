import type { Durations, TillDurations } from '@tax-control/protocol/console';
import { formatCount, formatDuration, formatShare } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import type { CsvSource } from '../../parts/csv-button.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';

interface DurationsTableProps {
  readonly durations: TillDurations;
  readonly saleToCode: Durations;
  readonly csv: CsvSource;
}

type Row = readonly [name: string, durations: Durations];

/** How long connecting, the handshake, the answer and the whole took at the tills, and reissued invoices from sale to code. */
export function DurationsTable({ durations, saleToCode, csv }: DurationsTableProps) {
  const { t, tag } = useLanguage();
  const rows: readonly Row[] = [
    [t('overview.durations.connect'), durations.connect],
    [t('overview.durations.tls'), durations.tls],
    [t('overview.durations.answer'), durations.answer],
    [t('overview.durations.total'), durations.total],
    [t('overview.durations.sale_to_code'), saleToCode],
  ];
  const columns: readonly ColumnOf<Row>[] = [
    { heading: t('overview.durations.what'), cell: ([name]) => name },
    { heading: t('overview.durations.count'), cell: ([, { count }]) => formatCount(count, tag), number: true },
    {
      heading: t('overview.durations.median'),
      cell: ([, { medianMs }]) => formatDuration(medianMs, tag),
      number: true,
    },
    { heading: t('overview.durations.p95'), cell: ([, { p95Ms }]) => formatDuration(p95Ms, tag), number: true },
    { heading: t('overview.durations.max'), cell: ([, { maxMs }]) => formatDuration(maxMs, tag), number: true },
  ];
  const share = formatShare(Math.max(durations.total.errorShare, saleToCode.errorShare), tag);
  return (
    <Section title={t('overview.durations')} lead={t('overview.durations.error', { share })} csv={csv}>
      <DataTable caption={t('overview.durations')} rows={rows} columns={columns} keyOf={([name]) => name} />
    </Section>
  );
}
