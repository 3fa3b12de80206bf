import { call } from '../support/client.js';
import type { ServerPlace } from '../support/server.js';

/** What a server told at one time. */
export interface Scrape {
  readonly text: string;
  /** Names of metrics, and of the series that a histogram has. */
  readonly names: ReadonlySet<string>;
  /** The value of a series, written as the server writes it: `name{label="value"}`. */
  find(series: string): number | undefined;
  /** The same, and throws where there is none. */
  value(series: string): number;
}

/** Reads /metrics as Prometheus does. */
export async function scrape(server: Pick<ServerPlace, 'addresses' | 'ca'>): Promise<Scrape> {
  const answer = await call(server, '/metrics', { listener: 'operator' });
  if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}`);
  const values = new Map<string, number>();
  const names = new Set<string>();
  for (const line of answer.text.split('\n')) {
    const [, kind, declared] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? [];
    if (kind === 'TYPE' && declared !== undefined) names.add(declared);
    const [, series, value] = /^([a-z]\w*(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (series === undefined) continue;
    names.add(series.replace(/\{.*/, ''));
    values.set(series, Number(value));
  }
  const find = (series: string) => values.get(series);
  return {
    text: answer.text,
    names,
    find,
    value: (series) => {
      const value = find(series);
      if (value === undefined) throw new Error(`/metrics has no ${series}`);
      return value;
    },
  };
}

/** Metrics that expressions name, in whatever file they stand. */
export function metricNamesIn(text: string): Set<string> {
  return new Set(text.match(/\b(?:tax_control|nodejs|process)_\w+/g));
}
