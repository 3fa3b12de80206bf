import { useState } from 'react';
import { Group, Select, Stack, TextInput } from '@mantine/core';
import { type Page, TERMINAL_STATUSES, type TerminalRow } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useSession } from '../../api/session.js';
import { formatCount } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { FilterBar } from '../../parts/filter-bar.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { Dot, Instant, Place, TerminalLink } from '../../parts/words.js';
import { filterQuery, pageOf, pageQuery, useAddressState } from '../../url/address-state.js';
import { useZone } from '../../url/zone.js';
import { STATUS_TONES } from './status-tones.js';

const PATH = '/terminals';

/** Every till that the official may see. */
export default function TerminalsPage() {
  const { t, tag, code } = useLanguage();
  const { fullName } = useSession();
  const { parameters, one, change } = useAddressState();
  const zone = useZone();
  const { region, taxpayerId, premisesId, terminalId } = filterQuery(parameters);
  const query = { region, taxpayerId, premisesId, terminalId, text: one('text'), status: one('status') };
  const terminals = useReport<Page<TerminalRow>>(PATH, { ...query, ...pageQuery(pageOf(parameters)) });
  const columns: readonly ColumnOf<TerminalRow>[] = [
    { heading: t('column.terminal'), cell: (row) => <TerminalLink terminalId={row.terminalId} />, tight: true },
    { heading: t('column.premises'), cell: (row) => <Place name={row.premisesName} premisesId={row.premisesId} /> },
    { heading: t('column.taxpayer'), cell: (row) => <Place name={row.taxpayerName} premisesId={row.taxpayerId} /> },
    { heading: t('column.region'), cell: (row) => row.region },
    {
      heading: t('column.status'),
      cell: ({ status }) => <Dot tone={STATUS_TONES[status]}>{code('status', status)}</Dot>,
    },
    {
      heading: t('terminals.last_sign'),
      cell: ({ lastSignAt }) =>
        lastSignAt === null ? t('terminals.never') : <Instant at={lastSignAt} zone={zone} to="minute" />,
      tight: true,
    },
    {
      heading: t('terminals.certificate'),
      cell: ({ certificateNotAfter: until }) =>
        until === null ? t('terminals.not_enrolled') : <Instant at={until} zone={zone} to="minute" />,
      tight: true,
    },
    { heading: t('terminals.pending'), cell: ({ pending }) => formatCount(pending, tag), number: true },
  ];
  return (
    <>
      <PageHead title={t('terminals.title')} printedBy={fullName} zone={zone} />
      <Group gap="xs" align="flex-end" className="no-print">
        <SearchText value={one('text') ?? ''} onSearch={(text) => change({ text })} />
        <Select
          label={t('column.status')}
          data={TERMINAL_STATUSES.map((value) => ({ value, label: code('status', value) }))}
          value={one('status')}
          onChange={(status) => change({ status })}
          placeholder={t('filter.any')}
          clearable
          size="xs"
          w={140}
        />
      </Group>
      <FilterBar placesOnly />
      <Stack gap="sm" mt="sm">
        <Section title={t('terminals.title')} csv={{ path: PATH, query }} long>
          <Answer of={terminals}>
            {(page) => (
              <PagedTable
                caption={t('terminals.title')}
                page={page}
                columns={columns}
                keyOf={(row) => row.terminalId}
              />
            )}
          </Answer>
        </Section>
      </Stack>
    </>
  );
}

/** Looks for the text when it is complete: after Enter, or when the field is left. */
function SearchText({ value, onSearch }: { readonly value: string; readonly onSearch: (text: string) => void }) {
  const { t } = useLanguage();
  const [text, setText] = useState(value);
  return (
    <TextInput
      type="search"
      label={t('terminals.search')}
      value={text}
      maxLength={100}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => text !== value && onSearch(text)}
      onKeyDown={(event) => event.key === 'Enter' && onSearch(text)}
      size="xs"
      w={220}
    />
  );
}
