import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttemptRow, AttemptRowFilter, Filter } from '@tax-control/protocol/console';
import { AttemptStatisticsService } from '../../src/log-analytics/attempts/attempt-statistics.js';
import { storeServerEvents } from '../../src/log-analytics/attempts/server-event-store.js';
import type { View } from '../../src/log-analytics/statistics/scope.js';
import { TerminalLimits } from '../../src/rate-limits/rate-limits.js';
import { TransactionLogUpload } from '../../src/log-analytics/upload/upload.js';
import { PremisesDirectory } from '../../src/registry/premises-directory.js';
import { entryOf, type Ground, keptSums, makeAnalyticsGround } from './ground.js';

const HOSTILE = [`'; DROP TABLE terminal; --`, '<script>alert(1)</script>', '"\\`${1}', '=cmd|calc', '%_'];
const START_MS = Date.now() - 86_400_000;

let ground: Ground;
let service: AttemptStatisticsService;
beforeAll(async () => {
  ground = await makeAnalyticsGround();
  service = new AttemptStatisticsService(ground.server, new PremisesDirectory(ground.server));
  const upload = new TransactionLogUpload(ground.server, new TerminalLimits(ground.server));
  const at = (minute: number): string => new Date(START_MS + minute * 60_000).toISOString();
  await upload.store('n1-a', [
    ...Array.from({ length: 30 }, (_, index) =>
      entryOf({ at: at(Math.floor(index / 3)), detail: HOSTILE[index % 5] ?? '' }),
    ),
    entryOf({ at: at(11), outcome: 'issued', cause: null }),
    entryOf({ at: at(12), cause: '<b>new</b>', detail: null }),
    entryOf({ at: '1970-01-01T00:00:00Z' }),
  ]);
  await upload.store('s1-a', [entryOf({ at: at(5), outcome: 'refused', cause: 'line_arithmetic' })]);
  const event = { terminalId: 'i1-a', door: 'issue', outcome: 'not_authenticated', cause: 'terminal_revoked' } as const;
  await storeServerEvents(ground.server, [{ ...event, attemptId: randomUUID(), atMs: START_MS + 20 * 60_000 }]);
});
afterAll(() => ground.end());

const PERIOD = {
  from: new Date(START_MS).toISOString(),
  to: new Date(START_MS + 90_000_000).toISOString(),
  zone: 'Asia/Kathmandu',
  step: 'day',
} as const;

async function page(filter: Filter, rowFilter: AttemptRowFilter = {}, view: View = 'all', pageSize = 200, number = 1) {
  return service.entries({ period: PERIOD, filter }, rowFilter, { page: number, pageSize }, view);
}

async function count(filter: Filter, rowFilter: AttemptRowFilter = {}, view: View = 'all'): Promise<number> {
  return (await page(filter, rowFilter, view)).items.length;
}

describe('the list of attempts', () => {
  it('gives failures, newest first, with who told of them and texts as they came', async () => {
    const { items, more } = await page({});
    expect([items.length, more]).toEqual([33, false]);
    expect(items[0]).toMatchObject({ terminalId: 'i1-a', source: 'server', group: 'authentication', invoiceId: null });
    expect(items[1]).toMatchObject({
      source: 'till',
      cause: '<b>new</b>',
      group: 'till',
      region: 'north',
      premisesName: 'north-1',
    });
    expect(new Set(items.slice(2).flatMap(({ detail }) => detail ?? []))).toEqual(new Set(HOSTILE));
    expect(items.map(({ at }) => at)).toEqual(
      items
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
  });

  it('filters by everything, and by hostile texts finds nothing and breaks nothing', async () => {
    expect(await count({ terminalIds: ['s1-a'] })).toBe(1);
    expect(await count({ taxpayerIds: ['chain'], causeGroups: ['refused'] })).toBe(1);
    expect(await count({ causes: ['unknown'] })).toBe(1);
    expect(await count({ regions: ["l'île <b>"] })).toBe(1);
    expect(await count({}, { all: true })).toBe(34);
    expect(await count({}, { outcomes: ['issued'] })).toBe(1);
    expect(await count({ door: 'reissue' })).toBe(0);
    for (const text of HOSTILE) {
      const list = [text];
      for (const filter of [
        { regions: list },
        { taxpayerIds: list },
        { premisesIds: list },
        { terminalIds: list },
        { causes: list },
      ]) {
        expect(await count(filter)).toBe(0);
        const { figures } = await service.statistics({ period: PERIOD, filter }, 'all');
        expect(figures.attempts.value).toBe(0);
      }
    }
  });

  it('lists what has no real time where it is asked for', async () => {
    const { items } = await page({}, { unplaced: true });
    expect(items).toMatchObject([{ unplaced: true, at: '1970-01-01T00:00:00.000Z' }]);
  });

  it('shows nobody what is not his', async () => {
    expect(await count({}, { all: true }, [])).toBe(0);
    expect(await count({}, { all: true }, ['south-1'])).toBe(1);
    expect(await count({ terminalIds: ['n1-a'] }, { all: true }, ['south-1'])).toBe(0);
    expect(await count({ regions: ['north'] }, { unplaced: true }, ['south-1'])).toBe(0);
    const { topTerminals, heatMap } = await service.failures({ period: PERIOD, filter: {} }, ['south-1']);
    expect(topTerminals.map(({ terminalId }) => terminalId)).toEqual(['s1-a']);
    expect(heatMap.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(1);
  });

  it('pages, and goes on after a row, without losing or repeating one', async () => {
    const paged: AttemptRow[] = [];
    for (let number = 1; ; number += 1) {
      const { items, more } = await page({}, {}, 'all', 7, number);
      paged.push(...items);
      if (!more) break;
    }
    const followed: AttemptRow[] = [];
    for (let more = true; more;) {
      const first = { page: 1, pageSize: 7 };
      const found = await service.entries({ period: PERIOD, filter: {} }, {}, first, 'all', followed.at(-1));
      followed.push(...found.items);
      ({ more } = found);
    }
    const all = (await page({})).items;
    expect(paged).toEqual(all);
    expect(followed).toEqual(all);
  });
});

describe('a region that was written down wrongly', () => {
  it('takes the past of its premises along when it is mended', async () => {
    await ground.superuser.query(`UPDATE premises SET region = 'south' WHERE premises_id = 'north-1'`);
    const kept = await keptSums(ground.superuser);
    await ground.superuser.query('SELECT rebuild_attempt_counts()');
    expect(kept).toEqual(await keptSums(ground.superuser));
    expect(kept).toContainEqual(expect.objectContaining({ level: 'region', scope_id: 'south', attempts: 30 }));
  });
});
