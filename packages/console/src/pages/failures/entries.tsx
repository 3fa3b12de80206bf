import { Group, MultiSelect, Switch, Text } from '@mantine/core';
import type { AttemptRow, Page } from '@tax-control/protocol/console';
import type { Query } from '../../api/client.js';
import { useReport } from '../../api/report.js';
import { formatDuration, NO_VALUE } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { Section } from '../../parts/section.js';
import { Dot, Instant, Place, TerminalLink, type Tone } from '../../parts/words.js';
import { pageOf, pageQuery, useAddressState } from '../../url/address-state.js';

const PATH = '/failures/entries';
const OUTCOMES: readonly AttemptRow['outcome'][] = [
  'refused',
  'deferred',
  'failed',
  'not_authenticated',
  'not_tried',
  'issued',
  'already_issued',
  'repeated',
];
const TONES: Readonly<Record<AttemptRow['outcome'], Tone>> = {
  issued: 'good',
  already_issued: 'good',
  refused: 'bad',
  deferred: 'warn',
  failed: 'warn',
  not_authenticated: 'bad',
  repeated: 'plain',
  not_tried: 'warn',
};

/** The attempts themselves, newest first, as tills and server told of them. Texts of tills are shown, never interpreted. */
export function Entries({ query, zone }: { readonly query: Query; readonly zone: string }) {
  const { t, tag, code } = useLanguage();
  const { parameters, all, one, change } = useAddressState();
  const withSuccesses = one('all') === 'true';
  const { step: _step, ...bounds } = query;
  const whole = { ...bounds, outcome: all('outcome'), all: withSuccesses };
  const entries = useReport<Page<AttemptRow>>(PATH, { ...whole, ...pageQuery(pageOf(parameters)) });
  const columns: readonly ColumnOf<AttemptRow>[] = [
    {
      heading: t('column.at'),
      cell: ({ at, unplaced }) => <EntryTime at={at} unplaced={unplaced} zone={zone} />,
      tight: true,
    },
    { heading: t('column.terminal'), cell: ({ terminalId }) => <TerminalLink terminalId={terminalId} />, tight: true },
    {
      heading: t('column.outcome'),
      cell: ({ outcome }) => <Dot tone={TONES[outcome]}>{code('outcome', outcome)}</Dot>,
      tight: true,
    },
    { heading: t('column.cause'), cell: (row) => <CauseOf {...row} />, words: true },
    {
      heading: t('column.premises'),
      cell: ({ premisesName, premisesId }) => <Place name={premisesName} premisesId={premisesId} />,
    },
    { heading: t('column.door'), cell: ({ door }) => code('door', door), tight: true },
    { heading: t('failures.duration'), cell: ({ totalMs }) => formatDuration(totalMs, tag), number: true },
    { heading: t('failures.source'), cell: ({ source }) => code('source', source), tight: true },
  ];
  return (
    <Section
      title={t('failures.entries')}
      csv={{ path: PATH, query: whole }}
      long
      actions={
        <Group gap="sm" visibleFrom="sm">
          <Switch
            size="xs"
            label={t('failures.entries_all')}
            checked={withSuccesses}
            onChange={(event) => change({ all: event.currentTarget.checked ? 'true' : null })}
          />
          <MultiSelect
            aria-label={t('filter.outcome')}
            placeholder={all('outcome').length === 0 ? t('filter.outcome') : ''}
            data={OUTCOMES.map((value) => ({ value, label: code('outcome', value) }))}
            value={all('outcome')}
            onChange={(outcome) => change({ outcome })}
            size="xs"
            w={220}
          />
        </Group>
      }
    >
      <Answer of={entries}>
        {(page) => (
          <PagedTable caption={t('failures.entries')} page={page} columns={columns} keyOf={({ entryId }) => entryId} />
        )}
      </Answer>
    </Section>
  );
}

function EntryTime({ at, unplaced, zone }: { readonly at: string; readonly unplaced: boolean; readonly zone: string }) {
  const { t } = useLanguage();
  return (
    <>
      <Instant at={at} zone={zone} />
      {unplaced && (
        <Text size="xs" className="warn">
          {t('failures.unplaced')}
        </Text>
      )}
    </>
  );
}

function CauseOf({ cause, detail, address }: AttemptRow) {
  const { code } = useLanguage();
  return (
    <>
      {cause === null ? NO_VALUE : code('cause', cause)}
      <Text size="xs" c="dimmed" component="div" className="breakable">
        {[detail, address].filter((text) => text !== null).join(' · ')}
      </Text>
    </>
  );
}
