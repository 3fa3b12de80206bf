import { SimpleGrid, Stack } from '@mantine/core';
import type { CurrencyFigures, InvoiceStatistics, Period } from '@tax-control/protocol/console';
import type { Query } from '../../api/client.js';
import { StepChart } from '../../charts/step-chart.js';
import { currencyDigits, formatCount, formatMoney, formatShort } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import { FigureCard } from '../../parts/figure-card.js';
import { Section } from '../../parts/section.js';
import { SERIES_COLORS } from '../../theme.js';

interface MoneyProps {
  readonly invoices: InvoiceStatistics;
  readonly period: Period;
  readonly query: Query;
  readonly path: string;
}

/** Turnover, refunds and voids of each currency, and turnover over time. Currencies are never added up. */
export function Money({ invoices, period, query, path }: MoneyProps) {
  const { t, tag } = useLanguage();
  return (
    <Stack gap="sm">
      {invoices.money.map((figures) => {
        const { currency } = figures;
        const scale = 10 ** currencyDigits(currency);
        const points = invoices.turnoverSeries.filter((point) => point.currency === currency);
        return (
          <SimpleGrid key={currency} cols={{ base: 1, lg: 2 }} spacing="sm">
            <MoneyFigures figures={figures} csv={{ path, query, table: 'money' }} />
            <StepChart
              title={t('overview.turnover_of', { currency })}
              period={period}
              steps={points.map(({ start, turnover }) => ({ start, values: { turnover: Number(turnover) } }))}
              series={[{ key: 'turnover', label: t('overview.turnover'), color: SERIES_COLORS.sales }]}
              say={(value) => formatMoney(Math.round(value), currency, tag)}
              sayShort={(value) => formatShort(value / scale, tag)}
              csv={{ path, query, table: 'turnover' }}
            />
          </SimpleGrid>
        );
      })}
    </Stack>
  );
}

function MoneyFigures({
  figures,
  csv,
}: {
  readonly figures: CurrencyFigures;
  readonly csv: { path: string; query: Query; table: string };
}) {
  const { t, tag } = useLanguage();
  const { currency } = figures;
  const money = (name: string, { value, before, sameWeekday }: CurrencyFigures['sales']) => (
    <FigureCard
      name={name}
      text={formatMoney(value, currency, tag)}
      value={Number(value)}
      before={Number(before)}
      sameWeekday={Number(sameWeekday)}
      long
    />
  );
  const count = (name: string, figure: CurrencyFigures['salesCount']) => (
    <FigureCard name={name} text={formatCount(figure.value, tag)} {...figure} long />
  );
  const number = t('overview.number');
  return (
    <Section title={`${t('overview.money')} (${currency})`} csv={csv}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
        {money(t('overview.turnover'), figures.turnover)}
        {count(`${t('overview.sales')}: ${number}`, figures.salesCount)}
        {money(t('overview.refunds'), figures.refunds)}
        {count(`${t('overview.refunds')}: ${number}`, figures.refundsCount)}
        {money(t('overview.voids'), figures.voids)}
        {count(`${t('overview.voids')}: ${number}`, figures.voidsCount)}
      </SimpleGrid>
    </Section>
  );
}
