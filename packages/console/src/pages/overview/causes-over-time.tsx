import { useMemo } from 'react';
import type { CausePoint, Period } from '@tax-control/protocol/console';
import { causeColor, OTHERS_COLOR } from '../../charts/cause-colors.js';
import { type SeriesOf, StepChart, type StepValues } from '../../charts/step-chart.js';
import { formatCount } from '../../format/format.js';
import { useLanguage } from '../../i18n/language.js';
import type { CsvSource } from '../../parts/csv-button.js';

interface CausesOverTimeProps {
  readonly period: Period;
  /** Where each step of the period begins; causes name only the steps that have one. */
  readonly starts: readonly string[];
  readonly causePoints: readonly CausePoint[];
  readonly csv: CsvSource;
}

/** As many causes are shown as eyes tell apart; the rest is one. */
const SHOWN = 6;
const OTHERS = 'others';
/** Key of the attempts that were not even tried, whatever their cause. */
const NOT_TRIED = 'not tried';

/** Failures by cause in each step: the most frequent causes, and the rest as one; beside each, how many were not even tried. */
export function CausesOverTime({ period, starts, causePoints, csv }: CausesOverTimeProps) {
  const { t, tag, code } = useLanguage();
  const { causes, steps, notTried } = useMemo(() => stackOf(starts, causePoints), [starts, causePoints]);
  const series = causes.map((cause): SeriesOf => {
    const label = cause === OTHERS ? t('overview.other_causes') : code('cause', cause);
    const untried = notTried.get(cause) ?? 0;
    const legend =
      untried === 0 ? label : `${label} (${t('failures.not_tried', { count: formatCount(untried, tag) })})`;
    return { key: cause, label, legend, color: cause === OTHERS ? OTHERS_COLOR : causeColor(cause) };
  });
  return (
    <StepChart
      title={t('overview.causes_over_time')}
      period={period}
      steps={steps}
      series={series}
      alsoInTable={notTried.size === 0 ? [] : [{ key: NOT_TRIED, label: t('failures.not_tried_column') }]}
      csv={csv}
    />
  );
}

/** What a chart of causes shows. `causes`: those with a colour, the most frequent first. `notTried`: of the period, by the same keys. */
interface Stack {
  readonly causes: readonly string[];
  readonly steps: readonly StepValues[];
  readonly notTried: ReadonlyMap<string, number>;
}

/** Every step has its place, also one without a failure. */
export function stackOf(
  starts: readonly string[],
  causePoints: readonly Pick<CausePoint, 'start' | 'cause' | 'count' | 'notTried'>[],
): Stack {
  const totals = new Map<string, number>();
  for (const { cause, count } of causePoints) totals.set(cause, (totals.get(cause) ?? 0) + count);
  const ordered = [...totals].sort(([, one], [, other]) => other - one).map(([cause]) => cause);
  const shown = ordered.slice(0, SHOWN);
  const untried = new Map<string, number>();
  const steps = new Map<string, Record<string, number>>(starts.map((start) => [start, {}]));
  for (const { start, cause, count, notTried } of causePoints) {
    const values = steps.get(start) ?? {};
    const key = shown.includes(cause) ? cause : OTHERS;
    values[key] = (values[key] ?? 0) + count;
    if (notTried > 0) {
      values[NOT_TRIED] = (values[NOT_TRIED] ?? 0) + notTried;
      untried.set(key, (untried.get(key) ?? 0) + notTried);
    }
    steps.set(start, values);
  }
  return {
    causes: ordered.length > SHOWN ? [...shown, OTHERS] : shown,
    steps: [...steps].map(([start, values]) => ({ start, values })),
    notTried: untried,
  };
}
