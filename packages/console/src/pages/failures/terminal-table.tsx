import { Anchor } from '@mantine/core';
import type { TerminalFailures } from '@tax-control/protocol/console';
import { formatCount, formatShare } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import type { CsvSource } from '../../parts/csv-button.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';
import { Place } from '../../parts/words.js';
import { NotTried } from './not-tried.js';
import { useAddressState } from '../../url/address-state.js';

interface TerminalTableProps {
  readonly terminals: readonly TerminalFailures[];
  readonly csv: CsvSource;
}

/** The terminals with most failures; a click narrows the page to one. */
export function TerminalTable({ terminals, csv }: TerminalTableProps) {
  const { t, tag, code } = useLanguage();
  const { change } = useAddressState();
  const columns: readonly ColumnOf<TerminalFailures>[] = [
    {
      heading: t('column.terminal'),
      cell: ({ terminalId }) => (
        <Anchor
          component="button"
          type="button"
          size="sm"
          aria-label={t('failures.show_entries', { name: terminalId })}
          onClick={() => change({ terminalId })}
        >
          {terminalId}
        </Anchor>
      ),
      tight: true,
    },
    {
      heading: t('column.premises'),
      cell: ({ premisesName, premisesId }) => <Place name={premisesName} premisesId={premisesId} />,
    },
    {
      heading: t('failures.title'),
      cell: ({ failures, notTried }) => (
        <>
          {formatCount(failures, tag)}
          <NotTried count={notTried} />
        </>
      ),
      number: true,
    },
    {
      heading: t('failures.of_attempts'),
      cell: ({ attempts, failures }) => formatShare(attempts === 0 ? null : failures / attempts, tag),
      number: true,
    },
    {
      heading: t('failures.main_cause'),
      cell: ({ causes: [first] }) => (first === undefined ? '' : code('cause', first.cause)),
      words: true,
    },
  ];
  return (
    <Section title={t('failures.by_terminal')} csv={csv}>
      <DataTable
        caption={t('failures.by_terminal')}
        rows={terminals}
        columns={columns}
        keyOf={({ terminalId }) => terminalId}
      />
    </Section>
  );
}
