import { MISSING_KINDS } from '@tax-control/protocol/console';
import type { Random } from '../../simulator/random.js';
import { DAY_MS, HOUR_MS } from '../../simulator/calendar.js';

/** What there is to ask for. */
export interface AskedFor {
  /** Midnight UTC after the last day with entries, milliseconds since 1970. */
  readonly endMs: number;
  readonly terminalIds: readonly string[];
  readonly premisesIds: readonly string[];
  readonly taxpayerIds: readonly string[];
  readonly regions: readonly string[];
}

/** One kind of request of the console; `path` and `body` are drawn anew for each time. */
export interface ConsoleRequest {
  readonly name: string;
  readonly path: (random: Random, of: AskedFor) => string;
  readonly body?: (random: Random, of: AskedFor) => object;
}

const ZONES = ['UTC', 'Europe/London', 'Asia/Shanghai', 'America/New_York'];
const CAUSE_GROUPS = ['network', 'server', 'authentication', 'refused', 'till'];

/** Periods as officials choose them, each with the step that the console takes for it. */
const PERIODS = [
  { name: 'day', days: 1, step: 'hour' },
  { name: 'week', days: 7, step: 'day' },
  { name: 'month', days: 30, step: 'day' },
  { name: 'year', days: 365, step: 'month' },
] as const;

type Filter = (random: Random, of: AskedFor) => Readonly<Record<string, string>>;

const FILTERS: Readonly<Record<string, Filter>> = {
  all: () => ({}),
  region: (random, { regions }) => ({ region: random.pick(regions) }),
  taxpayer: (random, { taxpayerIds }) => ({ taxpayerId: random.pick(taxpayerIds) }),
  premises: (random, { premisesIds }) => ({ premisesId: random.pick(premisesIds) }),
  terminal: (random, { terminalIds }) => ({ terminalId: random.pick(terminalIds) }),
};

function periodOf(
  { days, step }: (typeof PERIODS)[number],
  random: Random,
  { endMs }: AskedFor,
): Record<string, string> {
  // A year goes as far back as there is anything; shorter periods lie anywhere in it, and end at odd minutes now and then.
  const back =
    days >= 365
      ? 0
      : random.whole(0, 300) * DAY_MS + (random.chance(0.3) ? random.whole(0, 23) * HOUR_MS + 7 * 60_000 : 0);
  const toMs = endMs - back;
  return {
    from: new Date(toMs - days * DAY_MS).toISOString(),
    to: new Date(toMs).toISOString(),
    zone: days >= 365 ? 'UTC' : random.pick(ZONES),
    step,
  };
}

function query(members: Readonly<Record<string, string>>): string {
  return new URLSearchParams(members).toString();
}

/** Reports for each period and each filter. */
function reports(name: string, path: string, extra: Filter = () => ({})): ConsoleRequest[] {
  return PERIODS.flatMap((period) =>
    Object.entries(FILTERS).map(([filterName, filter]) => ({
      name: `${name}, a ${period.name}, ${filterName}`,
      path: (random: Random, of: AskedFor) =>
        `${path}?${query({ ...periodOf(period, random, of), ...filter(random, of), ...extra(random, of) })}`,
    })),
  );
}

function inMonth(name: string, path: string, extra: Filter = () => ({})): ConsoleRequest {
  return {
    name,
    path: (random, of) => `${path}?${query({ ...periodOf(PERIODS[2], random, of), ...extra(random, of) })}`,
  };
}

function plain(name: string, path: string): ConsoleRequest {
  return { name, path: () => path };
}

const ONE_TERMINAL: ConsoleRequest = {
  name: 'one terminal',
  path: (random, of) => `/terminals/${random.pick(of.terminalIds)}`,
};

const TIMELINE: ConsoleRequest = {
  name: 'timeline of a terminal',
  path: (random, of) => {
    const { from = '', to = '' } = periodOf(PERIODS[1], random, of);
    return `/terminals/${random.pick(of.terminalIds)}/timeline?${query({ from, to })}`;
  },
};

/** As many as somebody picks by hand, of whom no larger sum is kept: each is read by itself, day by day. */
const PREMISES_PICKED = 30;

const PICKED: ConsoleRequest = {
  name: 'statistics, a year by day, thirty premises',
  path: (random, of) => {
    const search = new URLSearchParams({ ...periodOf(PERIODS[3], random, of), step: 'day' });
    const picked = new Set(Array.from({ length: PREMISES_PICKED }, () => random.pick(of.premisesIds)));
    for (const premisesId of picked) search.append('premisesId', premisesId);
    return `/statistics?${search.toString()}`;
  },
};

/** The year's statistics of everybody: what is compared with counting the rows. */
export function yearRequest(of: AskedFor, random: Random): string {
  return `/statistics?${query(periodOf(PERIODS[3], random, of))}`;
}

/** Everything that the console's pages ask for when they are opened and filtered. */
export const CONSOLE_REQUESTS: readonly ConsoleRequest[] = [
  ...reports('statistics', '/statistics'),
  ...reports('failures', '/failures'),
  ...reports('entries of failures', '/failures/entries', (random) => ({ page: String(random.whole(1, 5)) })),
  inMonth('failures of one group', '/failures', (random) => ({ causeGroup: random.pick(CAUSE_GROUPS) })),
  inMonth('entries of one cause', '/failures/entries', () => ({ cause: 'connect_timeout' })),
  PICKED,
  inMonth('incidents', '/incidents'),
  { name: 'incidents of a year', path: (random, of) => `/incidents?${query(periodOf(PERIODS[3], random, of))}` },
  inMonth('signals', '/signals'),
  inMonth('refused invoices', '/refused-invoices'),
  plain('planned outages', '/planned-outages'),
  plain('closings', '/closings'),
  plain('counts of what is missing', '/missing/counts'),
  ...MISSING_KINDS.map((kind) => plain(`missing: ${kind}`, `/missing?kind=${kind}`)),
  plain('customers’ reports', '/reports'),
  plain('terminals', '/terminals'),
  ONE_TERMINAL,
  TIMELINE,
  plain('taxpayers', '/taxpayers'),
  plain('premises', '/premises'),
  plain('regions', '/regions'),
  plain('parameters', '/parameters'),
  plain('tax rates', '/tax-rates'),
  plain('officials', '/officials'),
  plain('sessions', '/sessions'),
  plain('audit trail', '/audit-trail'),
  {
    name: 'invoices of a terminal on a day',
    path: () => '/invoices/searches',
    body: (random, of) => ({
      reason: 'Measuring the look-up of invoices',
      terminalId: random.pick(of.terminalIds),
      from: new Date(of.endMs - 3 * DAY_MS).toISOString(),
      to: new Date(of.endMs - 2 * DAY_MS).toISOString(),
    }),
  },
  {
    name: 'invoices by amount',
    path: () => '/invoices/searches',
    body: (random, of) => ({
      reason: 'Measuring the look-up of invoices',
      totalFrom: 1_000,
      totalTo: 1_000 + random.whole(1, 500),
      currency: 'GBP',
      from: new Date(of.endMs - 7 * DAY_MS).toISOString(),
      to: new Date(of.endMs).toISOString(),
    }),
  },
];
