import { SimpleGrid, Stack } from '@mantine/core';
import type { Failures } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useSession } from '../../api/session.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { FilterBar } from '../../parts/filter-bar.js';
import { PageHead } from '../../parts/page-head.js';
import { PeriodBar } from '../../parts/period-bar.js';
import { useReportQuery } from '../../url/address-state.js';
import { CausesOverTime } from '../overview/causes-over-time.js';
import { CauseTable } from './cause-table.js';
import { Entries } from './entries.js';
import { HeatMap } from './heat-map.js';
import { TerminalTable } from './terminal-table.js';

const PATH = '/failures';

/** What failed in a period: why, where, when, and the entries themselves. */
export default function FailuresPage() {
  const { t } = useLanguage();
  const { fullName } = useSession();
  const { period, query } = useReportQuery();
  const failures = useReport<Failures>(PATH, query);
  return (
    <>
      <PageHead title={t('failures.title')} printedBy={fullName} zone={period.zone} />
      <PeriodBar period={period} steps />
      <FilterBar />
      <Stack gap="sm" mt="sm">
        <Answer of={failures}>
          {({ causes, causeSeries, steps, topTerminals, heatMap }) => (
            <Stack gap="sm">
              <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
                <CauseTable causes={causes} csv={{ path: PATH, query, table: 'causes' }} />
                <TerminalTable terminals={topTerminals} csv={{ path: PATH, query, table: 'terminals' }} />
              </SimpleGrid>
              <CausesOverTime
                period={period}
                starts={steps}
                causePoints={causeSeries}
                csv={{ path: PATH, query, table: 'causeSeries' }}
              />
              <HeatMap cells={heatMap} zone={period.zone} csv={{ path: PATH, query, table: 'heatMap' }} />
            </Stack>
          )}
        </Answer>
        <Entries query={query} zone={period.zone} />
      </Stack>
    </>
  );
}
