import { SimpleGrid, Stack } from '@mantine/core';
import type { Overview } from '@tax-control/protocol/console';
import { useReport } from '../../api/report.js';
import { useSession } from '../../api/session.js';
import { StepChart } from '../../charts/step-chart.js';
import { useLanguage } from '../../i18n/language.js';
import { Answer } from '../../parts/answer.js';
import { FilterBar } from '../../parts/filter-bar.js';
import { PageHead } from '../../parts/page-head.js';
import { PeriodBar } from '../../parts/period-bar.js';
import { SERIES_COLORS } from '../../theme.js';
import { useReportQuery } from '../../url/address-state.js';
import { CausesOverTime } from './causes-over-time.js';
import { DurationsTable } from './durations.js';
import { KeyFigures } from './key-figures.js';
import { Money } from './money.js';
import { TaxTable } from './taxes.js';
import { WarningsTable } from './warnings.js';

const PATH = '/statistics';

/** How a period went: attempts, failures, money, each beside what came before. */
export default function OverviewPage() {
  const { t } = useLanguage();
  const { fullName } = useSession();
  const { period, query } = useReportQuery();
  const overview = useReport<Overview>(PATH, query);
  return (
    <>
      <PageHead title={t('overview.title')} printedBy={fullName} zone={period.zone} />
      <PeriodBar period={period} steps />
      <FilterBar />
      <Stack gap="sm" mt="sm">
        <Answer of={overview}>
          {({ attempts, invoices }) => (
            <Stack gap="sm">
              <KeyFigures
                attempts={attempts.figures}
                invoices={invoices.figures}
                csv={{ path: PATH, query, table: 'figures' }}
              />
              <AttemptsChart overview={{ attempts, invoices }} query={query} />
              <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
                <CausesOverTime
                  period={period}
                  starts={attempts.series.map(({ start }) => start)}
                  causePoints={attempts.causeSeries}
                  csv={{ path: PATH, query, table: 'causeSeries' }}
                />
                <DurationsTable
                  durations={attempts.durations}
                  saleToCode={invoices.saleToCode}
                  csv={{ path: PATH, query, table: 'durations' }}
                />
              </SimpleGrid>
              <Money
                invoices={invoices}
                starts={attempts.series.map(({ start }) => start)}
                period={period}
                query={query}
                path={PATH}
              />
              <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
                <TaxTable money={invoices.money} csv={{ path: PATH, query, table: 'taxes' }} />
                <WarningsTable warnings={invoices.warnings} csv={{ path: PATH, query, table: 'warnings' }} />
              </SimpleGrid>
            </Stack>
          )}
        </Answer>
      </Stack>
    </>
  );
}

function AttemptsChart({
  overview,
  query,
}: {
  readonly overview: Overview;
  readonly query: Parameters<typeof useReport>[1];
}) {
  const { t } = useLanguage();
  const { attempts } = overview;
  return (
    <StepChart
      title={t('overview.over_time')}
      period={attempts.period}
      steps={attempts.series.map(({ start, issuedOnline, storedOffline, reissued, refused }) => ({
        start,
        values: { issuedOnline, storedOffline, reissued, refused },
      }))}
      series={[
        { key: 'issuedOnline', label: t('overview.issued_online'), color: SERIES_COLORS.online },
        { key: 'reissued', label: t('overview.reissued'), color: SERIES_COLORS.reissued },
        { key: 'storedOffline', label: t('overview.stored_offline'), color: SERIES_COLORS.offline },
        { key: 'refused', label: t('overview.refused'), color: SERIES_COLORS.refused },
      ]}
      csv={{ path: PATH, table: 'series', query: query ?? {} }}
    />
  );
}
