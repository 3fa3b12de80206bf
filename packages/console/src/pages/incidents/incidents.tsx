import { Anchor, Stack, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Incident, Page } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useSession } from '../../api/session.js';
import { formatCount } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, PagedTable } from '../../parts/data-table.js';
import { FilterBar } from '../../parts/filter-bar.js';
import { PageHead } from '../../parts/page-head.js';
import { PeriodBar } from '../../parts/period-bar.js';
import { Section } from '../../parts/section.js';
import { pageOf, pageQuery, useAddressState, useReportQuery } from '../../url/address-state.js';
import { DrainOf, EndOf, KindOf, LengthOf, ValueOf } from './incident-words.js';
import { PlannedOutages } from './planned-outages.js';

const PATH = '/incidents';

/** Failures of several tills that began close together, and outages that were declared before. */
export default function IncidentsPage() {
  const { t, tag, code } = useLanguage();
  const { fullName } = useSession();
  const { period, query } = useReportQuery();
  const { parameters } = useAddressState();
  const incidents = useReport<Page<Incident>>(PATH, { ...query, ...pageQuery(pageOf(parameters)) });
  const { zone } = period;
  const columns: readonly ColumnOf<Incident>[] = [
    {
      heading: t('incidents.kind'),
      cell: (incident) => (
        <Anchor component={Link} to={`/incidents/${incident.incidentId}`} size="sm">
          <KindOf incident={incident} />
        </Anchor>
      ),
      words: true,
    },
    { heading: t('column.cause'), cell: ({ cause }) => code('cause', cause) },
    { heading: t('incidents.start'), cell: (incident) => <EndOf at={incident.start} zone={zone} />, tight: true },
    {
      heading: `${t('incidents.end')} / ${t('incidents.length')}`,
      cell: (incident) => (
        <>
          <EndOf at={incident.end} zone={zone} />
          <Text size="xs" c="dimmed" component="div">
            <LengthOf incident={incident} />
          </Text>
        </>
      ),
      tight: true,
    },
    { heading: t('incidents.terminals'), cell: ({ terminals }) => formatCount(terminals, tag), number: true },
    { heading: t('incidents.failures'), cell: ({ failures }) => formatCount(failures, tag), number: true },
    { heading: t('incidents.stored'), cell: ({ invoicesStored }) => formatCount(invoicesStored, tag), number: true },
    { heading: t('incidents.value'), cell: ({ value }) => <ValueOf value={value} />, number: true },
    { heading: t('incidents.drain'), cell: (incident) => <DrainOf incident={incident} />, number: true },
  ];
  return (
    <>
      <PageHead title={t('incidents.title')} lead={t('incidents.lead')} printedBy={fullName} zone={zone} />
      <PeriodBar period={period} />
      <FilterBar placesOnly />
      <Stack gap="sm" mt="sm">
        <Section title={t('incidents.title')} csv={{ path: PATH, query }} long>
          <Answer of={incidents}>
            {(page) => (
              <PagedTable
                caption={t('incidents.title')}
                page={page}
                columns={columns}
                keyOf={({ incidentId }) => incidentId}
              />
            )}
          </Answer>
        </Section>
        <PlannedOutages zone={zone} />
      </Stack>
    </>
  );
}
