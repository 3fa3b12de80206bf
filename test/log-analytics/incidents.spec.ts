import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Incident, PageQuery, ReportQuery } from '@tax-control/protocol/console';
import { systemClock } from '@tax-control/protocol';
import { readInUse, readIntervals } from '../../src/log-analytics/incidents/failure-store.js';
import { quartersInDoubt } from '../../src/log-analytics/incidents/group-failures.js';
import { countInUse } from '../../src/log-analytics/incidents/in-use.js';
import { Incidents } from '../../src/log-analytics/incidents/incidents.js';
import { byStart } from '../../src/log-analytics/incidents/join-flapping.js';
import { PlannedOutages } from '../../src/log-analytics/incidents/planned-outages.js';
import { type FactsGround, insertAttempts, insertSales, makeFactsGround, placesOf, registerPlaces } from './facts.js';
import { type GeneratedDay, generateDay, intervalsOf, randomOf } from './generated-outages.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const ALL: PageQuery = { page: 1, pageSize: 200 };

function queryOf(fromMs: number, toMs: number, filter: ReportQuery['filter'] = {}): ReportQuery {
  const period = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), zone: 'UTC', step: 'day' };
  return { period: { ...period, step: 'day' }, filter };
}

function dayOf({ attempts }: GeneratedDay): { readonly from: number; readonly to: number } {
  const first = Math.min(...attempts.map(({ at }) => at));
  const from = Math.floor(first / DAY_MS) * DAY_MS;
  return { from, to: from + DAY_MS };
}

describe('failures in the database', () => {
  it('are kept as a plain recount finds them, in whatever order and pieces the entries came', async () => {
    const ground = await makeFactsGround();
    try {
      const day = generateDay({ seed: 11, kind: 'region', noise: { blipShare: 0.02, ownOutageShare: 0.3 } });
      await registerPlaces(ground.superuser, day.places);
      const random = randomOf(3);
      const shuffled = day.attempts
        .map((attempt) => ({ attempt, place: random() }))
        .toSorted((one, other) => one.place - other.place)
        .map(({ attempt }) => attempt);
      for (let start = 0; start < shuffled.length; start += 900) {
        await insertAttempts(ground.superuser, shuffled.slice(start, start + 900));
        await ground.kept.catchUp();
      }
      const { from, to } = dayOf(day);
      const expected = intervalsOf(day.attempts).toSorted(byStart);
      const stored = await readIntervals(ground.server, 'all', from, to);
      expect(stored.toSorted(byStart)).toEqual(expected);
      const quarters = quartersInDoubt(expected, day.places);
      expect(quarters.length).toBeGreaterThan(3);
      const inUse = await readInUse(ground.server, 'all', quarters);
      for (const quarter of quarters) expect(inUse.get(quarter)).toEqual(countInUse(day.attempts, day.places, quarter));
    } finally {
      await ground.clear();
    }
  });
});

describe('incidents', () => {
  let ground: FactsGround;
  let incidents: Incidents;
  let outages: PlannedOutages;
  const day = generateDay({ seed: 4, kind: 'region', noise: { blipShare: 0.002, ownOutageShare: 0.02 } });
  const { from, to } = dayOf(day);
  const region = day.outage.subject ?? '';
  const inRegion = [...day.places.values()].filter((place) => place.region === region);
  const elsewhere = [...day.places.values()].filter((place) => place.region !== region);

  beforeAll(async () => {
    ground = await makeFactsGround();
    await registerPlaces(ground.superuser, day.places);
    await insertAttempts(ground.superuser, day.attempts);
    await ground.kept.catchUp();
    incidents = new Incidents(ground.server, systemClock);
    outages = new PlannedOutages(ground.server);
  });
  afterAll(() => ground.clear());

  async function ofRegion(view: 'all' | readonly string[] = 'all'): Promise<Incident | undefined> {
    const { items } = await incidents.list(queryOf(from, to), ALL, view);
    return items.find(({ kind, subject }) => kind === 'region' && subject === region);
  }

  it('are found with beginning, end and tills, and each has a page of its own', async () => {
    const incident = await ofRegion();
    expect(incident).toMatchObject({ terminals: inRegion.length, subjectName: region, plannedOutageId: null });
    expect(Math.abs(Date.parse(incident?.start ?? '') - day.outage.start)).toBeLessThan(14 * MINUTE_MS);
    expect(Math.abs(Date.parse(incident?.end ?? '') - day.outage.end)).toBeLessThan(14 * MINUTE_MS);
    const page = await incidents.page(incident?.incidentId ?? '', 'all');
    expect(page).toMatchObject({
      ...incident,
      reason: { rule: 'region', failing: inRegion.length, togetherMinutes: 5 },
    });
    expect(new Set(page?.allTerminals.map(({ terminalId }) => terminalId))).toEqual(day.outage.terminals);
  });

  it('are chosen by the filter and by the period, and paged', async () => {
    const wanted = async (filter: ReportQuery['filter']): Promise<readonly string[]> => {
      const { items } = await incidents.list(queryOf(from, to, filter), ALL, 'all');
      return items.map(({ kind }) => kind);
    };
    expect(await wanted({ regions: [region] })).toContain('region');
    expect(await wanted({ regions: ['nowhere'] })).toEqual([]);
    expect(await wanted({ causes: ['certificate_expired'] })).toEqual([]);
    expect(await wanted({ terminalIds: [elsewhere[0]?.terminalId ?? ''] })).not.toContain('region');
    const before = await incidents.list(queryOf(from - 2 * DAY_MS, from - DAY_MS), ALL, 'all');
    expect(before).toMatchObject({ items: [], total: 0, more: false });
    const whole = await incidents.list(queryOf(from, to), ALL, 'all');
    const pages = await Promise.all(
      whole.items.map((_, index) => incidents.list(queryOf(from, to), { page: index + 1, pageSize: 1 }, 'all')),
    );
    expect(pages.flatMap(({ items }) => items)).toEqual(whole.items);
    expect(pages.map(({ more }) => more)).toEqual(whole.items.map((_, index) => index < whole.items.length - 1));
  });

  it('are to an official what his own shops suffered, and nothing of others', async () => {
    const blind = elsewhere.map(({ premisesId }) => premisesId);
    const seen = await incidents.list(queryOf(from, to), ALL, blind);
    const hidden = new Set(inRegion.map(({ terminalId }) => terminalId));
    expect(seen.items.flatMap(({ terminalIds }) => terminalIds).filter((id) => hidden.has(id))).toEqual([]);
    const id = (await ofRegion())?.incidentId ?? '';
    expect(await incidents.page(id, blind)).toBeNull();
    expect(await incidents.page('no id', 'all')).toBeNull();
    const [one] = inRegion;
    const single = await incidents.list(queryOf(from, to), ALL, [one?.premisesId ?? '']);
    expect(single.items.length).toBeGreaterThan(0);
    expect(single.items.every(({ kind }) => kind === 'terminal' || kind === 'premises')).toBe(true);
  });

  it('are shown as planned when somebody declared them, unless he took it back', async () => {
    const times = { start: new Date(day.outage.start).toISOString(), end: new Date(day.outage.end).toISOString() };
    const draft = { ...times, scope: 'region', scopeId: region, reason: 'New line' } as const;
    const blind = elsewhere.map(({ premisesId }) => premisesId);
    expect(await outages.declare(draft, 'mia', blind)).toBeNull();
    expect(await outages.declare({ ...draft, scopeId: 'nowhere' }, 'mia', 'all')).toBeNull();
    expect(await outages.declare({ ...draft, scope: 'all', scopeId: null }, 'mia', blind)).toBeNull();
    const declared = await outages.declare(draft, 'mia', 'all');
    expect(declared).toMatchObject({ ...draft, declaredBy: 'mia', withdrawnAt: null });
    const id = declared?.plannedOutageId ?? '';
    expect((await ofRegion())?.plannedOutageId).toBe(id);
    expect(await outages.list(blind)).toEqual([]);
    expect(await outages.withdraw(id, 'tom', blind)).toBe('unknown');
    expect(await outages.withdraw(id, 'tom', 'all')).toMatchObject({
      isChanged: true,
      outage: { withdrawnAt: expect.any(String) as string },
    });
    expect(await outages.withdraw(id, 'tim', 'all')).toMatchObject({ isChanged: false });
    expect((await ofRegion())?.plannedOutageId).toBeNull();
    expect(await outages.list('all')).toHaveLength(1);
  });

  it('withdraws only for who sees all that it concerns', async () => {
    // Long before the others, so that no incident becomes planned by it.
    const times = { start: '2020-01-01T00:00:00.000Z', end: '2020-01-01T01:00:00.000Z' };
    const draft = { ...times, scope: 'all', scopeId: null, reason: 'New line' } as const;
    const { plannedOutageId = '' } = (await outages.declare(draft, 'mia', 'all')) ?? {};
    const some = elsewhere.map(({ premisesId }) => premisesId);
    expect((await outages.list(some)).map((one) => one.plannedOutageId)).toContain(plannedOutageId);
    expect(await outages.withdraw(plannedOutageId, 'tom', some)).toBe('too_narrow');
    expect((await outages.list(some))[0]?.withdrawnAt).toBeNull();
  });
});

describe('a till that fails alone', () => {
  const start = Date.UTC(2026, 9, 5, 10);
  const SHOP = { premisesId: 'shop', premisesName: 'Shop' };
  const TILLS = Array.from({ length: 8 }, (_, index) => `till-${index + 1}`);
  let ground: FactsGround;
  let incidents: Incidents;
  beforeEach(async () => {
    ground = await makeFactsGround();
    await registerPlaces(ground.superuser, placesOf(TILLS, SHOP));
    incidents = new Incidents(ground.server, systemClock);
  });
  afterEach(() => ground.clear());

  /** Failures and answers of the first till, in minutes after the start; the others sell all the time. */
  async function tell(
    ofFirst: readonly {
      readonly minute: number;
      readonly ends: 'timeout' | 'untried' | 'answer';
      readonly lost?: true;
    }[],
  ): Promise<void> {
    const attempts = ofFirst.map(({ minute, ends }) => ({
      terminalId: 'till-1',
      at: start + minute * MINUTE_MS,
      cause: ends === 'answer' ? null : 'answer_timeout',
      isUntried: ends === 'untried',
    }));
    const others = TILLS.slice(1).map((terminalId) => ({ terminalId, at: start + MINUTE_MS, cause: null }));
    const invoiceIds = attempts.map(() => randomUUID());
    // The server issued it at the sale, and the answer never arrived.
    await insertSales(
      ground.superuser,
      ofFirst.flatMap(({ minute, lost }, index) =>
        lost === undefined
          ? []
          : [{ terminalId: 'till-1', invoiceId: invoiceIds[index]!, soldAt: start + minute * MINUTE_MS }],
      ),
    );
    await insertAttempts(ground.superuser, [...attempts, ...others], invoiceIds);
    await ground.kept.catchUp();
  }
  const found = async (): Promise<readonly Incident[]> =>
    (await incidents.list(queryOf(start - DAY_MS, start + 2 * DAY_MS), ALL, 'all')).items;

  it('is told of how many in use in its shop', async () => {
    await tell([
      { minute: 0, ends: 'timeout' },
      { minute: 6, ends: 'untried' },
      { minute: 8, ends: 'answer' },
    ]);
    const [incident] = await found();
    const page = await incidents.page(incident?.incidentId ?? '', 'all');
    expect(page?.reason).toMatchObject({ rule: 'alone', failing: 1, inUse: TILLS.length });
  });

  it('is no incident where two answers were lost long after each other, and nothing had to wait', async () => {
    await tell([
      { minute: 0, ends: 'timeout', lost: true },
      { minute: 48, ends: 'timeout', lost: true },
      { minute: 49, ends: 'answer' },
    ]);
    expect(await found()).toEqual([]);
  });

  it.each([
    [
      'an invoice had to wait',
      [
        { minute: 0, ends: 'timeout' },
        { minute: 48, ends: 'timeout', lost: true },
      ],
    ],
    [
      'it held the line to be down',
      [
        { minute: 0, ends: 'timeout', lost: true },
        { minute: 48, ends: 'untried', lost: true },
      ],
    ],
    ['it went on failing', [0, 24, 48].map((minute) => ({ minute, ends: 'timeout', lost: true }) as const)],
  ] as const)('is one where %s', async (_, failures) => {
    await tell([...failures, { minute: 49, ends: 'answer' }]);
    expect(await found()).toMatchObject([{ kind: 'terminal', start: iso(0), lastFailure: iso(48), end: iso(49) }]);
  });

  it('lasted at least until its last failure; what came in the night nobody knows', async () => {
    await tell([
      { minute: 0, ends: 'timeout' },
      { minute: 7, ends: 'untried' },
      { minute: 14 * 60, ends: 'answer' },
    ]);
    expect(await found()).toMatchObject([{ start: iso(0), lastFailure: iso(7), end: iso(14 * 60) }]);
  });

  function iso(minute: number): string {
    return new Date(start + minute * MINUTE_MS).toISOString();
  }
});

describe('what an incident kept waiting', () => {
  it('is counted, summed by currency, and timed until the last of it had its code', async () => {
    const ground = await makeFactsGround();
    try {
      await registerPlaces(
        ground.superuser,
        placesOf(['till-1', 'till-2'], { premisesId: 'shop', premisesName: 'Shop' }),
      );
      const start = Date.UTC(2026, 9, 5, 10);
      const invoiceIds: string[] = [];
      const attempts = ['till-1', 'till-2'].flatMap((terminalId) =>
        Array.from({ length: 12 }, (_, index) => {
          invoiceIds.push(randomUUID());
          const failed = index >= 3 && index < 9;
          return { terminalId, at: start + index * 2 * MINUTE_MS, cause: failed ? 'connect_timeout' : null };
        }),
      );
      const failed = attempts
        .map((attempt, index) => ({ ...attempt, invoiceId: invoiceIds[index] ?? '' }))
        .filter(({ cause }) => cause !== null);
      const late = (one: (typeof failed)[number], total: number, currency: string, kind: 'sale' | 'refund') => ({
        ...one,
        soldAt: one.at - 100,
        registeredAt: start + 30 * MINUTE_MS,
        door: 'reissue' as const,
        total,
        currency,
        kind,
      });
      const [waits, taken, ...rest] = failed;
      if (waits === undefined || taken === undefined) throw new Error('nothing failed');
      await insertSales(ground.superuser, [
        late(taken, -700, 'EUR', 'refund'),
        ...rest.map((one, index) => late(one, 1_000, index < 2 ? 'USD' : 'EUR', 'sale')),
      ]);
      await insertAttempts(ground.superuser, attempts, invoiceIds);
      await ground.kept.catchUp();
      const incidents = new Incidents(ground.server, systemClock);
      const list = () => incidents.list(queryOf(start - DAY_MS, start + DAY_MS), ALL, 'all');
      const value = [
        { currency: 'EUR', total: '8000' },
        { currency: 'USD', total: '2000' },
      ];
      const { items } = await list();
      expect(items).toEqual([
        expect.objectContaining({
          kind: 'premises',
          subject: 'shop',
          failures: 12,
          invoicesStored: 12,
          value,
          drainedAt: null,
        }),
      ]);
      // The last one comes in, and nothing waits any more.
      await insertSales(ground.superuser, [
        { ...late(waits, 500, 'EUR', 'sale'), registeredAt: start + 90 * MINUTE_MS },
      ]);
      const [drained] = (await list()).items;
      expect(drained).toMatchObject({ invoicesStored: 12, drainedAt: new Date(start + 90 * MINUTE_MS).toISOString() });
      expect(drained?.drainMs).toBe(start + 90 * MINUTE_MS - Date.parse(drained?.end ?? ''));
    } finally {
      await ground.clear();
    }
  });
});
