import { useState } from 'react';
import { Button, Stack, Text } from '@mantine/core';
import type { ListedParameters, ParametersHistory } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useMay, useSession } from '../../api/session.js';
import { formatCount, formatDuration, formatInstant, NO_VALUE } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { type ColumnOf, DataTable } from '../../parts/data-table.js';
import { PageHead } from '../../parts/page-head.js';
import { Section } from '../../parts/section.js';
import { Instant } from '../../parts/words.js';
import { useZone } from '../../url/zone.js';
import { textsOfPairs } from './pairs.js';
import { PublishForm } from './publish-form.js';

const PATH = '/parameters';

/** The tills' settings, each version of them. */
export default function ParametersPage() {
  const { t, tag } = useLanguage();
  const may = useMay();
  const { view } = useSession();
  const zone = useZone();
  const [publishing, setPublishing] = useState(false);
  const history = useReport<ParametersHistory>(PATH);
  const count = (value: number) => formatCount(value, tag);
  const columns: readonly ColumnOf<ListedParameters>[] = [
    { heading: t('parameters.version'), cell: ({ version }) => version, number: true },
    {
      heading: t('parameters.published'),
      cell: ({ publishedAt }) => <Instant at={publishedAt} zone={zone} />,
      tight: true,
    },
    { heading: t('parameters.threshold'), cell: ({ settings }) => count(settings.threshold), number: true },
    {
      heading: t('parameters.hours_max'),
      cell: ({ settings }) => count(settings.offlineLimits.hoursMax),
      number: true,
    },
    {
      heading: t('parameters.invoices_max'),
      cell: ({ settings }) => count(settings.offlineLimits.invoicesMax),
      number: true,
    },
    {
      heading: t('parameters.sales_max'),
      cell: ({ settings }) => count(settings.offlineLimits.salesMax),
      number: true,
    },
    {
      heading: t('parameters.at_limit'),
      cell: ({ settings }) => t(`parameters.at_limit.${settings.offlineLimits.atLimit}`),
    },
    {
      heading: t('parameters.deadline'),
      cell: ({ settings }) => formatDuration(settings.deadlineMs, tag),
      number: true,
    },
    {
      heading: t('parameters.suspended_may_sell'),
      cell: ({ settings }) => t(settings.suspendedMaySell ? 'parameters.yes' : 'parameters.no'),
    },
    {
      heading: t('parameters.time_zone'),
      cell: ({ settings }) => settings.timeZone ?? t('parameters.zone_of_computer'),
    },
    {
      heading: t('parameters.premises_zones'),
      cell: ({ settings }) => count(settings.premisesInOtherZones),
      number: true,
    },
    {
      heading: t('parameters.cash_rounding'),
      cell: ({ settings }) => textsOfPairs(settings.cashRoundingMax).join(', ') || NO_VALUE,
    },
  ];
  const zoneColumns: readonly ColumnOf<readonly [string, string]>[] = [
    { heading: t('registry.premises_id'), cell: ([premisesId]) => premisesId, tight: true },
    { heading: t('parameters.time_zone'), cell: ([, timeZone]) => timeZone },
  ];
  return (
    <>
      <PageHead title={t('parameters.title')} lead={t('parameters.lead')} />
      <Answer of={history}>
        {({ current, versions }) => (
          <Stack gap="sm">
            <Text size="sm">
              {current === null
                ? t('parameters.none')
                : t('parameters.current', {
                    version: current.version,
                    at: formatInstant(current.publishedAt, tag, zone),
                  })}
            </Text>
            <Section
              title={t('parameters.versions')}
              csv={{ path: PATH }}
              long
              actions={
                may('operator') &&
                view.kind === 'all' && (
                  <Button size="compact-sm" variant="default" onClick={() => setPublishing(true)}>
                    {t('parameters.publish')}
                  </Button>
                )
              }
            >
              <DataTable
                caption={t('parameters.versions')}
                rows={versions}
                columns={columns}
                keyOf={({ version }) => String(version)}
              />
            </Section>
            {current !== null && Object.keys(current.settings.premisesTimeZones).length > 0 && (
              <Section title={t('parameters.premises_zones')}>
                <DataTable
                  caption={t('parameters.premises_zones')}
                  rows={Object.entries(current.settings.premisesTimeZones)}
                  columns={zoneColumns}
                  keyOf={([premisesId]) => premisesId}
                />
              </Section>
            )}
            {publishing && <PublishForm from={current?.settings ?? null} close={() => setPublishing(false)} />}
          </Stack>
        )}
      </Answer>
    </>
  );
}
