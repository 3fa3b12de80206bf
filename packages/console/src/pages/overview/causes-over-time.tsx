import { useMemo } from 'react';
import type { CausePoint, Period } from '@tax-control/protocol/console';
import { type SeriesOf, StepChart, type StepValues } from '../../charts/step-chart.js';
import { useLanguage } from '../../i18n/language.js';
import type { CsvSource } from '../../parts/csv-button.js';
import { CAUSE_COLORS } from '../../theme.js';

interface CausesOverTimeProps {
  readonly period: Period;
  /** Every step of the period; causes name only the steps that have one. */
  readonly points: readonly { readonly start: string }[];
  readonly causePoints: readonly CausePoint[];
  readonly csv: CsvSource;
}

/** As many causes have a colour of their own as eyes tell apart; the last colour is for all others. */
const SHOWN = CAUSE_COLORS.length - 1;
const OTHERS = 'others';

/** Failures by cause in each step: the most frequent causes, and the rest as one. */
export function CausesOverTime({ period, points, causePoints, csv }: CausesOverTimeProps) {
  const { t, code } = useLanguage();
  const { causes, steps } = useMemo(() => stackOf(points, causePoints), [points, causePoints]);
  const series = causes.map((cause, index): SeriesOf => ({
    key: cause,
    label: cause === OTHERS ? t('overview.other_causes') : code('cause', cause),
    color: (cause === OTHERS ? CAUSE_COLORS.at(-1) : CAUSE_COLORS[index]) ?? 'gray.5',
  }));
  return <StepChart title={t('overview.causes_over_time')} period={period} steps={steps} series={series} csv={csv} />;
}

/** The causes that get a colour, the most frequent first, and the counts of each step. */
export function stackOf(
  points: readonly { readonly start: string }[],
  causePoints: readonly Pick<CausePoint, 'start' | 'cause' | 'count'>[],
): { readonly causes: readonly string[]; readonly steps: readonly StepValues[] } {
  const totals = new Map<string, number>();
  for (const { cause, count } of causePoints) totals.set(cause, (totals.get(cause) ?? 0) + count);
  const ordered = [...totals].sort(([, one], [, other]) => other - one).map(([cause]) => cause);
  const shown = ordered.slice(0, SHOWN);
  const steps = new Map<string, Record<string, number>>(points.map(({ start }) => [start, {}]));
  for (const { start, cause, count } of causePoints) {
    const values = steps.get(start) ?? {};
    const key = shown.includes(cause) ? cause : OTHERS;
    values[key] = (values[key] ?? 0) + count;
    steps.set(start, values);
  }
  return {
    causes: ordered.length > SHOWN ? [...shown, OTHERS] : shown,
    steps: [...steps].map(([start, values]) => ({ start, values })),
  };
}
