import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReportQuery, Signal, SignalMarkRequest } from '@tax-control/protocol/console';
import { systemClock } from '@tax-control/protocol';
import { Incidents } from '../../src/log-analytics/incidents/incidents.js';
import { Signals } from '../../src/log-analytics/signals/signals.js';
import {
  type FactsGround,
  insertAttempts,
  insertSales,
  makeFactsGround,
  placesOf,
  registerPlaces,
  type StoredSale,
} from './facts.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const ALL = { page: 1, pageSize: 100 };
const MONTH = Date.UTC(2026, 9, 1);

const query: ReportQuery = {
  period: { from: '2026-10-10T00:00:00Z', to: '2026-10-20T00:00:00Z', zone: 'UTC', step: 'day' },
  filter: {},
};

/** Ten tills of ten alike shops; each test makes its own till odd. */
const tills = Array.from({ length: 10 }, (_, index) => `till-${index}`);
const [voider, refunder, nameless, trainer, closer, backwards, alone, late, renewer, honest] = tills as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];

/** A month of one till: 10 sales a day from eight on, a refund of the first sale on every second day. */
function usualMonth(terminalId: string): StoredSale[] {
  const sold: StoredSale[] = [];
  for (let day = 0; day < 20; day++) {
    const opens = MONTH + day * DAY_MS + 8 * HOUR_MS;
    const first = randomUUID();
    for (let sale = 0; sale < 10; sale++)
      sold.push({ terminalId, soldAt: opens + sale * HOUR_MS, ...(sale === 0 ? { invoiceId: first } : {}) });
    if (day % 2 === 0) sold.push({ terminalId, soldAt: opens + 90 * MINUTE_MS, kind: 'refund', original: first });
  }
  return sold;
}

/** The same with what is odd about the till, in the order of time, so that counters are too. */
function oddMonth(terminalId: string, odd: readonly StoredSale[]): StoredSale[] {
  return [...usualMonth(terminalId), ...odd].toSorted((one, other) => one.soldAt - other.soldAt);
}

function each(count: number, make: (index: number) => StoredSale): StoredSale[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

let ground: FactsGround;
let signals: Signals;
beforeAll(async () => {
  ground = await makeFactsGround();
  await registerPlaces(ground.superuser, placesOf(tills));
  signals = new Signals(ground.server, new Incidents(ground.server, systemClock));
  const at = (index: number): number => MONTH + (index % 20) * DAY_MS + 10 * HOUR_MS + index * MINUTE_MS;
  const original = randomUUID();
  const odd: Record<string, StoredSale[]> = {
    [voider]: each(40, (index) => ({ terminalId: voider, soldAt: at(index), kind: 'void', original })),
    [refunder]: each(50, (index) => ({ terminalId: refunder, soldAt: at(index), kind: 'refund', original })),
    [nameless]: each(12, (index) => ({
      terminalId: nameless,
      soldAt: at(index),
      kind: 'refund',
      ...(index % 2 === 0 ? { original, warnings: ['original_unknown'] } : {}),
    })),
    [honest]: each(5, (index) => ({ terminalId: honest, soldAt: at(index), warnings: ['number_used_before'] })),
    [trainer]: each(60, (index) => ({ terminalId: trainer, soldAt: at(index), type: 'training' })),
    [closer]: each(4, (index) => ({
      terminalId: closer,
      soldAt: MONTH + index * DAY_MS + 17 * HOUR_MS + 10 * MINUTE_MS,
      kind: 'refund',
      original,
    })),
  };
  const sold = tills.flatMap((till) => oddMonth(till, odd[till] ?? []));
  await insertSales(
    ground.superuser,
    sold.filter(({ terminalId }) => terminalId !== backwards && terminalId !== late),
  );
  // Dated back twice: counters in order, times not.
  const inOrder = usualMonth(backwards).toSorted((one, other) => one.soldAt - other.soldAt);
  const back = inOrder.map((sale, index) => ({
    ...sale,
    counter: index + 1,
    soldAt: sale.soldAt - (index === 57 || index === 99 ? 3 * HOUR_MS : 0),
  }));
  // The later halves arrive first: pairs of neighbours count once all the same.
  await insertSales(
    ground.superuser,
    back.filter(({ counter }) => counter % 2 === 0),
  );
  await ground.kept.catchUp();
  await insertSales(
    ground.superuser,
    back.filter(({ counter }) => counter % 2 === 1),
  );
  // Sales that come in late show that what looked like after closing was not.
  const day = MONTH + 8 * HOUR_MS;
  const refunds = each(4, (index) => ({
    terminalId: late,
    counter: index + 1,
    soldAt: day + index * DAY_MS + HOUR_MS,
    kind: 'refund',
    original,
  }));
  const before = each(4, (index) => ({ terminalId: late, counter: index + 5, soldAt: day + index * DAY_MS }));
  await insertSales(ground.superuser, [...refunds, ...before]);
  await insertAttempts(ground.superuser, aloneThreeTimes());
  await insertCertificates(renewer, [
    { parent: null, from: -10, to: 90, day: -10 },
    // With 87 of 100 days left; then in time, but another key came from the same certificate before.
    { parent: 0, from: 3, to: 103, day: 3 },
    { parent: 0, from: 7, to: 107, day: 7 },
    { parent: 1, from: 70, to: 170, day: 70 },
  ]);
  // As our tills do it: when seven twelfths of the life are over, and once.
  await insertCertificates(honest, [
    { parent: null, from: -54, to: 46, day: -54 },
    { parent: 0, from: 5, to: 105, day: 5 },
  ]);
  await insertLookUps();
  await ground.kept.catchUp();
});
afterAll(() => ground.clear());

/** Looked up in October: three that nobody reported, one that is on file, and signed ones, an old and a new one. */
async function insertLookUps(): Promise<void> {
  const { rows } = await ground.superuser.query<{ invoice_id: string }>(
    'SELECT invoice_id FROM ledger WHERE terminal_id = $1 LIMIT 1',
    [voider],
  );
  const insert = (terminalId: string, invoiceId: string, soldAt: number | null): Promise<unknown> =>
    ground.superuser.query(
      `INSERT INTO receipt_look_up (terminal_id, invoice_id, signed, sold_at, looked_up_at) VALUES ($1, $2, $3, $4, $5)`,
      [terminalId, invoiceId, soldAt !== null, soldAt === null ? null : new Date(soldAt), new Date(MONTH + 9 * DAY_MS)],
    );
  for (let index = 0; index < 3; index += 1) await insert(renewer, randomUUID(), null);
  for (const invoiceId of [randomUUID(), randomUUID(), rows[0]!.invoice_id]) await insert(voider, invoiceId, null);
  await insert(trainer, randomUUID(), MONTH);
  await insert(closer, randomUUID(), Date.now());
}

/** All tills try every few minutes on three days; one of them fails for an hour on each. */
function aloneThreeTimes(): { terminalId: string; at: number; cause: string | null }[] {
  return tills.flatMap((terminalId) =>
    [3, 4, 5].flatMap((day) =>
      Array.from({ length: 60 }, (_, index) => {
        const failed = terminalId === alone && index >= 20 && index < 32;
        return {
          terminalId,
          at: MONTH + day * DAY_MS + 9 * HOUR_MS + index * 5 * MINUTE_MS,
          cause: failed ? 'no_route' : null,
        };
      }),
    ),
  );
}

/** @param list days from the beginning of the month; `parent` is a place in the list */
async function insertCertificates(
  terminalId: string,
  list: readonly { parent: number | null; from: number; to: number; day: number }[],
): Promise<void> {
  const thumbprint = (index: number) => `${terminalId}-${index}`.padEnd(43, 'x');
  for (const [index, { parent, from, to, day }] of list.entries())
    await ground.superuser.query(
      `INSERT INTO terminal_certificate (thumbprint, terminal_id, serial, der, not_before, not_after, issued_at, way, parent)
       VALUES ($1, $2, $1, '', $3, $4, $5, $6, $7)`,
      [
        thumbprint(index),
        terminalId,
        ...[from, to, day].map((days) => new Date(MONTH + days * DAY_MS)),
        parent === null ? 'enrolment' : 'renewal_new_key',
        parent === null ? null : thumbprint(parent),
      ],
    );
}

async function of(rule: Signal['rule'], view: 'all' | readonly string[] = 'all'): Promise<readonly Signal[]> {
  return (await signals.list(query, ALL, view)).items.filter((signal) => signal.rule === rule);
}

describe('signals of a month', () => {
  it.each([
    ['void_share', [voider], { voids: 40, comparedWith: 'activity_and_region', comparedTills: 9 }],
    ['refund_share', [refunder, nameless], { refunds: 60 }],
    ['refunds_without_original', [nameless], { withoutOriginal: 12, takenBack: 22 }],
    ['much_training', [trainer], { trainings: 60 }],
    ['refunds_after_closing', [closer, late], { takenBack: 4 }],
    ['issued_at_backwards', [backwards], { secondsMax: 7_200 }],
    ['offline_alone', [alone], { minutes: 180 }],
    ['unusual_renewal', [renewer], { early: 2, repeated: 0 }],
    ['receipts_invented', [renewer], {}],
    ['receipts_not_reported', [trainer], {}],
    ['numbers_used_again', [honest], { numbers: expect.any(Number) as number }],
  ] as const)('%s: names the tills that it is, and its figures', async (rule, terminalIds, facts) => {
    const found = await of(rule);
    expect(found.map(({ subjectId }) => subjectId)).toEqual(terminalIds);
    const [signal] = found;
    expect(Object.fromEntries(signal?.facts.map(({ name, value }) => [name, value]) ?? [])).toMatchObject(facts);
    expect(signal?.measured).toBeGreaterThanOrEqual(signal?.threshold ?? Number.POSITIVE_INFINITY);
    expect(signal).toMatchObject({
      subject: 'terminal',
      premisesId: `shop-of-${terminalIds[0]}`,
      from: '2026-10-01T00:00:00.000Z',
      to: '2026-11-01T00:00:00.000Z',
      mark: 'open',
      markedBy: null,
    });
  });

  it('follows sales that come in late: what was after closing then is not any more', async () => {
    const rows = async (): Promise<unknown[]> =>
      (
        await ground.superuser.query('SELECT FROM terminal_closing WHERE terminal_id = $1 AND taken_back_after > 0', [
          late,
        ])
      ).rows;
    expect(await rows()).toHaveLength(4);
    const evening = each(4, (index) => ({
      terminalId: late,
      counter: index + 9,
      soldAt: MONTH + index * DAY_MS + 18 * HOUR_MS,
      door: 'reissue',
    }));
    await insertSales(ground.superuser, evening);
    await ground.kept.catchUp();
    expect(await rows()).toHaveLength(0);
    expect((await of('refunds_after_closing')).map(({ subjectId }) => subjectId)).toEqual([closer]);
  });

  it('compares with nobody whom the official may not see', async () => {
    const few = tills.slice(0, 4).map((till) => `shop-of-${till}`);
    expect(await of('void_share', few)).toEqual([]);
    expect((await of('much_training', few)).map(({ subjectId }) => subjectId)).toEqual([trainer]);
    expect(await of('much_training', [`shop-of-${voider}`])).toEqual([]);
    const filtered = await signals.list({ ...query, filter: { terminalIds: [voider] } }, ALL, 'all');
    expect(filtered.items.map(({ rule }) => rule)).toEqual(['void_share']);
    const elsewhere = {
      ...query,
      period: { ...query.period, from: '2026-12-01T00:00:00Z', to: '2026-12-31T00:00:00Z' },
    };
    expect(await signals.list(elsewhere, ALL, 'all')).toMatchObject({ items: [], total: 0 });
  });
});

describe('a mark', () => {
  async function mark(signalId: string, request: SignalMarkRequest, official: string): Promise<Signal | null> {
    const found = await signals.find(signalId, 'all');
    return found && signals.mark(found, request, official);
  }

  it('is kept with who, when and why; the newest counts, and none is ever changed', async () => {
    const [signal] = await of('void_share');
    const id = signal?.signalId ?? '';
    const marked = await mark(id, { mark: 'harmless', note: 'New cashier' }, 'mia');
    expect(marked).toMatchObject({ signalId: id, mark: 'harmless', markedBy: 'mia', note: 'New cashier' });
    await mark(id, { mark: 'to_follow', note: 'Again' }, 'tom');
    expect(await of('void_share')).toEqual([expect.objectContaining({ mark: 'to_follow', markedBy: 'tom' })]);
    const { rows } = await ground.superuser.query('SELECT mark, marked_by FROM signal_mark ORDER BY mark_id');
    expect(rows).toEqual([
      { mark: 'harmless', marked_by: 'mia' },
      { mark: 'to_follow', marked_by: 'tom' },
    ]);
    for (const statement of [
      `UPDATE signal_mark SET mark = 'open'`,
      'DELETE FROM signal_mark',
      `INSERT INTO signal_mark (signal_id, mark, note, marked_by, marked_at) VALUES ('a', 'open', '', 'mia', '2020-01-01')`,
    ])
      await expect(ground.server.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('is refused for what is no signal, or not within the view', async () => {
    const [signal] = await of('void_share');
    expect(await signals.find(signal?.signalId ?? '', [`shop-of-${trainer}`])).toBeNull();
    for (const id of [
      '',
      'void_share',
      `void_share.2026-10.nobody`,
      `no_rule.2026-10.${voider}`,
      `void_share.2026-13.${voider}`,
    ])
      expect(await signals.find(id, 'all')).toBeNull();
  });
});
