import type { Missing } from '@tax-control/protocol/console';
import { formatCount, formatDuration, formatInstant } from '../../format/format.js';
import { type Language, useLanguage } from '../../i18n/language.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { Instant, Place, TerminalLink } from '../../parts/words.js';

/** What is known of one thing that is missing, in a sentence. */
export function missingInWords(missing: Missing, { t, tag }: Language, zone: string): string {
  const at = (instant: string | null) => formatInstant(instant, tag, zone);
  const count = (value: number) => formatCount(value, tag);
  switch (missing.kind) {
    case 'gap':
      return [
        t('missing.gap', { from: missing.from, to: missing.to, count: count(missing.count) }),
        ...(missing.mayStillWait ? [t('missing.may_still_wait')] : []),
      ].join(' ');
    case 'fork':
      return t('missing.fork', { counter: missing.counter, invoices: count(missing.invoices) });
    case 'unknown_tail':
      return t('missing.unknown_tail', { lastCounter: missing.lastCounter, nextJournalId: missing.nextJournalId });
    case 'broken_chain':
      return t('missing.broken_chain', { counter: missing.counter });
    case 'old_backlog':
      return t('missing.old_backlog', {
        pending: count(missing.pending),
        oldestAt: at(missing.oldestAt),
        limitHours: count(missing.limitHours),
      });
    case 'silent_terminal':
      return t('missing.silent_terminal', {
        lastSignAt: at(missing.lastSignAt),
        silentHours: count(Math.round(missing.silentHours)),
        habitHours: count(Math.round(missing.habitHours)),
      });
    case 'certificate_expiring':
      return t('missing.certificate_expiring', { notAfter: at(missing.notAfter), daysLeft: count(missing.daysLeft) });
    case 'clock_wrong':
    default:
      return t('missing.clock_wrong', {
        offset: formatDuration(Math.abs(missing.offsetMs), tag),
        measuredAt: at(missing.measuredAt),
      });
  }
}

interface MissingTableProps {
  readonly caption: string;
  readonly rows: readonly Missing[];
  readonly zone: string;
  readonly ofOneTerminal?: boolean;
}

/** Where, since when, and what is known. */
export function useMissingColumns(zone: string, ofOneTerminal = false): readonly ColumnOf<Missing>[] {
  const language = useLanguage();
  const { t, code } = language;
  const where: readonly ColumnOf<Missing>[] = [
    { heading: t('column.terminal'), cell: ({ terminalId }) => <TerminalLink terminalId={terminalId} />, tight: true },
    {
      heading: t('column.premises'),
      cell: ({ premisesName, premisesId }) => <Place name={premisesName} premisesId={premisesId} />,
    },
    { heading: t('column.region'), cell: ({ region }) => region },
  ];
  const what: ColumnOf<Missing> = {
    heading: t('incidents.kind'),
    cell: ({ kind }) => code('missing.kind', kind),
    tight: true,
  };
  return [
    ...(ofOneTerminal ? [what] : where),
    { heading: t('missing.what'), cell: (missing) => missingInWords(missing, language, zone), words: true },
    { heading: t('column.since'), cell: ({ since }) => <Instant at={since} zone={zone} to="minute" />, tight: true },
    {
      heading: t('missing.journal'),
      cell: (missing) => ('journalId' in missing ? missing.journalId : ''),
      mono: true,
    },
  ];
}

export function missingKey(missing: Missing): string {
  const parts: readonly unknown[] = [
    missing.kind,
    missing.terminalId,
    'journalId' in missing ? missing.journalId : '',
    'counter' in missing ? missing.counter : 'from' in missing ? missing.from : '',
    'thumbprint' in missing ? missing.thumbprint : '',
  ];
  return parts.join(' ');
}

export function MissingTable({ caption, rows, zone, ofOneTerminal = false }: MissingTableProps) {
  const columns = useMissingColumns(zone, ofOneTerminal);
  return <DataTable caption={caption} rows={rows} columns={columns} keyOf={missingKey} />;
}
