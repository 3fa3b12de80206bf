import type { Step } from '@tax-control/protocol/console';

/** How the start of a step reads below a chart, by the length of the step. */
const SHORT: Readonly<Record<Step, Intl.DateTimeFormatOptions>> = {
  hour: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short' },
  week: { day: 'numeric', month: 'short' },
  month: { month: 'short', year: 'numeric' },
};

/** How it reads in a table, with the year and for days the weekday. */
const LONG: Readonly<Record<Step, Intl.DateTimeFormatOptions>> = {
  hour: { ...SHORT.hour, year: 'numeric' },
  day: { ...SHORT.day, weekday: 'short', year: 'numeric' },
  week: { ...SHORT.week, year: 'numeric' },
  month: SHORT.month,
};

/** Makes the labels of steps in a language and a zone. */
export function stepLabels(step: Step, locale: string, timeZone: string) {
  const short = new Intl.DateTimeFormat(locale, { ...SHORT[step], timeZone });
  const long = new Intl.DateTimeFormat(locale, { ...LONG[step], timeZone });
  return {
    short: (start: string) => short.format(new Date(start)),
    long: (start: string) => long.format(new Date(start)),
  };
}
