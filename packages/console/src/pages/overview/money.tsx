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
  /** Of every step of the period, also of those in which nothing was sold. */
  readonly starts: readonly string[];
  readonly period: Period;
  readonly query: Query;
  readonly path: string;
}

/** Turnover, refunds and voids of each currency, and turnover over time. Currencies are never added up. */
export function Money({ invoices, starts, period, query, path }: MoneyProps) {
  const { t, tag } = useLanguage();
  return (
    <Stack gap="sm">
      {invoices.money.map((figures) => {
        const { currency } = figures;
        const scale = 10 ** currencyDigits(currency);
        const ofCurrency = invoices.turnoverSeries.filter((point) => point.currency === currency);
        const turnovers = new Map(ofCurrency.map(({ start, turnover }) => [start, Number(turnover)]));
        return (
          <SimpleGrid key={currency} cols={{ base: 1, lg: 2 }} spacing="sm">
            <MoneyFigures figures={figures} csv={{ path, query, table: 'money' }} />
            <StepChart
              title={t('overview.turnover_of', { currency })}
              period={period}
              steps={starts.map((start) => ({ start, values: { turnover: turnovers.get(start) ?? 0 } }))}
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
  const money = (name: string, { value, before, sameWeekday }: CurrencyFigures['sales'], sign = 1) => (
    <FigureCard
      name={name}
      text={formatMoney(value, currency, tag)}
      value={sign * Number(value)}
      before={sign * Number(before)}
      sameWeekday={sign * Number(sameWeekday)}
      long
    />
  );
  // Sums below zero: twice as much taken back is twice as much, not 100 % less.
  const takenBack = (name: string, sums: CurrencyFigures['sales']) => money(name, sums, -1);
  const count = (name: string, figure: CurrencyFigures['salesCount']) => (
    <FigureCard name={name} text={formatCount(figure.value, tag)} {...figure} long />
  );
  const number = t('overview.number');
  return (
    <Section title={`${t('overview.money')} (${currency})`} csv={csv}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
        {money(t('overview.turnover'), figures.turnover)}
        {count(`${t('overview.sales')}: ${number}`, figures.salesCount)}
        {takenBack(t('overview.refunds'), figures.refunds)}
        {count(`${t('overview.refunds')}: ${number}`, figures.refundsCount)}
        {takenBack(t('overview.voids'), figures.voids)}
        {count(`${t('overview.voids')}: ${number}`, figures.voidsCount)}
      </SimpleGrid>
    </Section>
  );
}
