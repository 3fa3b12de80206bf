import type { Page, TimelineItem } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { PeriodBar } from '../../parts/period-bar.js';
import { Section } from '../../parts/section.js';
import { Dot, Instant, InvoiceLink, type Tone } from '../../parts/words.js';
import { pageOf, pageQuery, useAddressState, useReportQuery } from '../../url/address-state.js';
import { timelineInWords } from './timeline-words.js';

/** What happened at a till and about it, newest first. */
export function Timeline({ terminalId }: { readonly terminalId: string }) {
  const language = useLanguage();
  const { t, code } = language;
  const { parameters } = useAddressState();
  const { period } = useReportQuery();
  const { from, to, zone } = period;
  const path = `/terminals/${encodeURIComponent(terminalId)}/timeline`;
  const timeline = useReport<Page<TimelineItem>>(path, { from, to, ...pageQuery(pageOf(parameters)) });
  const columns: readonly ColumnOf<TimelineItem>[] = [
    { heading: t('column.at'), cell: ({ at }) => <Instant at={at} zone={zone} />, tight: true },
    {
      heading: t('timeline.what'),
      cell: (item) => <Dot tone={toneOf(item)}>{timelineInWords(item, language, zone)}</Dot>,
    },
    {
      heading: t('column.cause'),
      cell: (item) => ('cause' in item && item.cause !== null ? code('cause', item.cause) : ''),
      words: true,
    },
    {
      heading: t('column.invoice'),
      cell: (item) => <InvoiceOf item={item} terminalId={terminalId} />,
      tight: true,
    },
  ];
  return (
    <Section title={t('terminal.timeline')} csv={{ path, query: { from, to } }} long>
      <PeriodBar period={period} />
      <Answer of={timeline}>
        {(page) => <PagedTable caption={t('terminal.timeline')} page={page} columns={columns} keyOf={keyOf} />}
      </Answer>
    </Section>
  );
}

function keyOf(item: TimelineItem): string {
  const own = 'entryId' in item ? item.entryId : 'invoiceId' in item ? item.invoiceId : '';
  return `${item.kind} ${item.at} ${own ?? ''}`;
}

/** An invoice with a code can be looked at; one that only a log entry names may not have arrived. */
function InvoiceOf({ item, terminalId }: { readonly item: TimelineItem; readonly terminalId: string }) {
  if (item.kind === 'attempt' && item.invoiceId !== null && isIssued(item))
    return <InvoiceLink terminalId={terminalId} invoiceId={item.invoiceId} />;
  return <span className="mono">{'invoiceId' in item ? item.invoiceId : ''}</span>;
}

function toneOf(item: TimelineItem): Tone {
  if (item.kind === 'attempt') return item.outcome === 'repeated' ? 'plain' : isIssued(item) ? 'good' : 'warn';
  return item.kind === 'refused_invoice' || item.kind === 'certificate_revoked' ? 'bad' : 'plain';
}

function isIssued({ outcome }: Extract<TimelineItem, { kind: 'attempt' }>): boolean {
  return outcome === 'issued' || outcome === 'already_issued';
}
