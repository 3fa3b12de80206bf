import type { Missing } from '@tax-control/protocol/console';
import { useLanguage } from '../../i18n/language.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { Instant, Place, TerminalLink } from '../../parts/words.js';
import { missingInWords } from './missing-words.js';

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
    'codeOnFile' in missing ? `${missing.code} ${missing.codeOnFile}` : 'code' in missing ? missing.code : '',
  ];
  return parts.join(' ');
}

export function MissingTable({ caption, rows, zone, ofOneTerminal = false }: MissingTableProps) {
  const columns = useMissingColumns(zone, ofOneTerminal);
  return <DataTable caption={caption} rows={rows} columns={columns} keyOf={missingKey} />;
}
