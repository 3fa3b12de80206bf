import { type CSSProperties, useState } from 'react';
import { Button } from '@mantine/core';
import { BarChart } from '@mantine/charts';
import type { Period } from '@tax-control/protocol/console';
import { formatCount, formatShort } from '../format/format.js';
import { useLanguage } from '../i18n/language.js';
import type { CsvSource } from '../parts/csv-button.js';
import { type ColumnOf, DataTable } from '../parts/data-table.js';
import { Section } from '../parts/section.js';
import { axisWidth, roundTicks, stackedRange } from './axis.js';
import { stepLabels } from './step-label.js';

/** One step of the period with its values by series. */
export interface StepValues {
  readonly start: string;
  readonly values: Readonly<Record<string, number>>;
}

/** `legend`: what stands below the chart, where that is more than the label. */
export interface SeriesOf {
  readonly key: string;
  readonly label: string;
  readonly legend?: string;
  readonly color: string;
}

interface StepChartProps {
  readonly title: string;
  readonly period: Period;
  readonly steps: readonly StepValues[];
  readonly series: readonly SeriesOf[];
  /** Parts of the same values, which the table alone tells. */
  readonly alsoInTable?: readonly Pick<SeriesOf, 'key' | 'label'>[];
  readonly csv: CsvSource;
  /** How a value reads in tooltip and table; a whole number unless said otherwise. */
  readonly say?: (value: number) => string;
  /** How a value reads along the axis. */
  readonly sayShort?: (value: number) => string;
}

const CHART_HEIGHT = 260;
/** Room above the highest line for the upper half of its label. */
const TOP_PX = 8;
/** Wider, the one column of a single hour is a wall. */
const BAR_WIDTH_MAX = 56;

/** Columns over the steps of a period, stacked; the same figures as a table for whoever reads better there. */
export function StepChart({ title, period, steps, series, alsoInTable = [], csv, say, sayShort }: StepChartProps) {
  const { t, tag } = useLanguage();
  const [asTable, setAsTable] = useState(false);
  const labels = stepLabels(period.step, tag, period.zone);
  const format = say ?? ((value: number) => formatCount(value, tag));
  const along = sayShort ?? ((value: number) => formatShort(value, tag));
  const { lowest, highest } = stackedRange(
    steps,
    series.map(({ key }) => key),
  );
  const ticks = roundTicks(lowest, highest);
  const axis = {
    width: axisWidth(ticks.map(along)),
    ticks,
    domain: [ticks[0] ?? 0, ticks.at(-1) ?? 0],
    interval: 0,
    tickFormatter: along,
  } as const;
  const data = steps.map(({ start, values }) => ({ step: labels.short(start), start, ...values }));
  const columns: ColumnOf<StepValues>[] = [
    { heading: t('overview.step'), cell: ({ start }) => labels.long(start), tight: true },
    ...[...series, ...alsoInTable].map(({ key, label }): ColumnOf<StepValues> => ({
      heading: label,
      cell: ({ values }) => format(values[key] ?? 0),
      number: true,
    })),
  ];
  return (
    <Section
      title={title}
      csv={csv}
      long={asTable}
      actions={
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          className="quiet"
          aria-pressed={asTable}
          onClick={() => setAsTable(!asTable)}
        >
          {t(asTable ? 'chart.as_chart' : 'chart.as_table')}
        </Button>
      }
    >
      {asTable ? (
        <DataTable caption={title} rows={steps} columns={columns} keyOf={({ start }) => start} />
      ) : (
        <div className="chart" role="img" aria-label={t('chart.summary', { name: title })}>
          <BarChart
            h={CHART_HEIGHT}
            data={data}
            dataKey="step"
            type="stacked"
            maxBarWidth={BAR_WIDTH_MAX}
            series={series.map(({ key, label, color }) => ({ name: key, label, color }))}
            valueFormatter={format}
            yAxisProps={axis}
            xAxisProps={{ minTickGap: 24 }}
            barProps={{ isAnimationActive: false }}
            tooltipAnimationDuration={0}
            barChartProps={{ accessibilityLayer: false, margin: { top: TOP_PX } }}
          />
          {series.length > 1 && (
            <ul className="legend">
              {series.map(({ key, label, legend = label, color }) => (
                <li
                  key={key}
                  style={{ '--series': `var(--mantine-color-${color.replace('.', '-')})` } as CSSProperties}
                >
                  {legend}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </Section>
  );
}
