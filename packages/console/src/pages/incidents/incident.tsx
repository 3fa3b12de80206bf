import { Anchor, Stack, Text } from '@mantine/core';
import { Link, useParams } from 'react-router';
import type { IncidentPage, IncidentReason } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useSession } from '../../api/session.js';
import { formatCount } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { Facts, Place, TerminalLink } from '../../parts/words.js';
import { useZone } from '../../url/zone.js';
import { DrainOf, EndOf, KindOf, LengthOf, ValueOf } from './incident-words.js';

type Row = IncidentPage['allTerminals'][number];

/** One incident: what it was, why it is named so, and which tills it met. */
export default function IncidentPageView() {
  const { t, tag, code } = useLanguage();
  const { fullName } = useSession();
  const { incidentId = '' } = useParams();
  const zone = useZone();
  const path = `/incidents/${encodeURIComponent(incidentId)}`;
  const incident = useReport<IncidentPage>(path);
  const columns: readonly ColumnOf<Row>[] = [
    { heading: t('column.terminal'), cell: ({ terminalId }) => <TerminalLink terminalId={terminalId} />, tight: true },
    {
      heading: t('column.premises'),
      cell: ({ premisesName, premisesId }) => <Place name={premisesName} premisesId={premisesId} />,
    },
    { heading: t('column.region'), cell: ({ region }) => region },
    { heading: t('incidents.start'), cell: ({ start }) => <EndOf at={start} zone={zone} />, tight: true },
    { heading: t('incidents.end'), cell: ({ end }) => <EndOf at={end} zone={zone} />, tight: true },
    { heading: t('incidents.failures'), cell: ({ failures }) => formatCount(failures, tag), number: true },
    { heading: t('incidents.stored'), cell: ({ invoicesStored }) => formatCount(invoicesStored, tag), number: true },
  ];
  return (
    <Answer of={incident}>
      {(data) => (
        <>
          <PageHead
            title={[code('incident', data.kind), data.subjectName ?? data.subject]
              .filter((text) => text !== null)
              .join(': ')}
            printedBy={fullName}
            zone={zone}
          >
            <Anchor component={Link} to="/incidents" size="sm">
              {t('incidents.back')}
            </Anchor>
          </PageHead>
          <Stack gap="sm">
            <Section title={t('incidents.reason')}>
              <Text size="sm" mb="xs">
                {t(`incidents.reason.${data.reason.rule}`, figuresOf(data.reason, tag))}
              </Text>
              <Facts
                facts={[
                  [t('incidents.kind'), <KindOf key="kind" incident={data} />],
                  [t('column.cause'), code('cause', data.cause)],
                  [t('incidents.start'), <EndOf key="start" at={data.start} zone={zone} />],
                  [t('incidents.end'), <EndOf key="end" at={data.end} zone={zone} />],
                  [t('incidents.length'), <LengthOf key="length" incident={data} />],
                  [t('incidents.terminals'), formatCount(data.terminals, tag)],
                  [t('incidents.failures'), formatCount(data.failures, tag)],
                  [t('incidents.stored'), formatCount(data.invoicesStored, tag)],
                  [t('incidents.value'), <ValueOf key="value" value={data.value} />],
                  [t('incidents.drain'), <DrainOf key="drain" incident={data} />],
                ]}
              />
            </Section>
            <Section title={t('incidents.all_terminals')} csv={{ path }} long>
              <DataTable
                caption={t('incidents.all_terminals')}
                rows={data.allTerminals}
                columns={columns}
                keyOf={({ terminalId }) => terminalId}
              />
            </Section>
          </Stack>
        </>
      )}
    </Answer>
  );
}

function figuresOf(reason: IncidentReason, tag: string): Record<string, string> {
  const figures = Object.entries(reason).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return Object.fromEntries(figures.map(([name, figure]) => [name, formatCount(figure, tag)]));
}
