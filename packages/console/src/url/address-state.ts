import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { CONSOLE_LIMITS } from '@tax-control/protocol/console';
import type { Query } from '../api/client.js';
import { useClock } from '../clock.js';
import { type ChosenPeriod, readPeriod } from './period.js';

/** Filters that every report takes, by their name in the console's and the server's addresses alike. */
export const REPORT_FILTERS = [
  'region',
  'taxpayerId',
  'premisesId',
  'terminalId',
  'door',
  'causeGroup',
  'cause',
] as const;
export type ReportFilterName = (typeof REPORT_FILTERS)[number];

/** A change of the address: null removes a member, a list repeats it. */
export type AddressChange = Readonly<Record<string, string | readonly string[] | null>>;

/** Applies a change; whatever is changed, paging begins again unless the change names the page. */
export function changedParameters(parameters: URLSearchParams, change: AddressChange): URLSearchParams {
  const next = new URLSearchParams(parameters);
  if (!('page' in change)) next.delete('page');
  for (const [name, value] of Object.entries(change)) {
    next.delete(name);
    const values = value === null ? [] : typeof value === 'string' ? [value] : value;
    for (const one of values) if (one !== '') next.append(name, one);
  }
  return next;
}

/** The state of a view, which is its address: going back goes back, and a link shows the same to a colleague. */
export function useAddressState() {
  const [parameters, setParameters] = useSearchParams();
  return {
    parameters,
    one: (name: string) => parameters.get(name),
    all: (name: string): string[] => parameters.getAll(name),
    change: (change: AddressChange) => setParameters((now) => changedParameters(now, change)),
  };
}

/** The page of a table, 1 being the first. */
export function pageOf(parameters: URLSearchParams, name = 'page'): number {
  const text = parameters.get(name) ?? '1';
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : 1;
}

/** Query members of a page. */
export function pageQuery(page: number): Query {
  return { page, pageSize: CONSOLE_LIMITS.pageSizeDefault };
}

/** The filters of an address as the server takes them. */
export function filterQuery(parameters: URLSearchParams): Query {
  return Object.fromEntries(REPORT_FILTERS.map((name) => [name, parameters.getAll(name)]));
}

/** The period of an address and what the server is asked for it. A named period keeps its bounds while the address stays. */
export function useReportQuery(): { readonly period: ChosenPeriod; readonly query: Query; readonly zone: string } {
  const [parameters] = useSearchParams();
  const text = parameters.toString();
  const clock = useClock();
  return useMemo(() => {
    const read = new URLSearchParams(text);
    const period = readPeriod(read, new Date(clock.now()));
    const { from, to, zone, step } = period;
    return { period, zone, query: { from, to, zone, step, ...filterQuery(read) } };
  }, [text, clock]);
}
