import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS, systemClock } from '@tax-control/protocol';
import { type Missing as MissingItem, MISSING_KINDS, type MissingKind } from '@tax-control/protocol/console';
import { Closings } from '../../src/log-analytics/missing/closings.js';
import { Missing } from '../../src/log-analytics/missing/missing.js';
import {
  digestOf,
  type FactsGround,
  insertAttempts,
  insertSales,
  journalOf,
  makeFactsGround,
  placesOf,
  registerPlaces,
} from './facts.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const ALL = { page: 1, pageSize: 100 };
const now = Date.now();
/** Of the parameters where none are published. */
const LIMIT_HOURS = 72;

let ground: FactsGround;
let missing: Missing;
beforeAll(async () => {
  ground = await makeFactsGround();
  missing = new Missing(ground.server, systemClock);
});
afterAll(() => ground.clear());

/** A terminal of its own for one test. */
async function register(terminalId: string): Promise<string> {
  await registerPlaces(ground.superuser, placesOf([terminalId]));
  return terminalId;
}

async function found(kind: MissingKind, terminalId: string): Promise<readonly MissingItem[]> {
  return (await missing.list(kind, { terminalIds: [terminalId] }, ALL, 'all')).items;
}

function sales(
  terminalId: string,
  counters: readonly number[],
  at = now - 5 * DAY_MS,
): Parameters<typeof insertSales>[1] {
  return counters.map((counter) => ({ terminalId, counter, soldAt: at + counter * MINUTE_MS }));
}

describe('counters', () => {
  it('that nobody sent are gaps, until they come', async () => {
    const till = await register('gappy');
    await insertSales(ground.superuser, sales(till, [2, 3, 7, 8, 10]));
    await ground.kept.catchUp();
    const gap = { kind: 'gap', terminalId: till, premisesId: `shop-of-${till}`, journalId: journalOf(till) };
    const since = (counter: number): string => new Date(now - 5 * DAY_MS + counter * MINUTE_MS).toISOString();
    expect(await found('gap', till)).toEqual([
      expect.objectContaining({ ...gap, from: 9, to: 9, count: 1, since: since(10), mayStillWait: false }),
      expect.objectContaining({ ...gap, from: 4, to: 6, count: 3, since: since(7) }),
      expect.objectContaining({ ...gap, from: 1, to: 1, count: 1, since: since(2) }),
    ]);
    await insertSales(ground.superuser, sales(till, [1, 5, 9]));
    // Refused, and so accounted for.
    await ground.superuser.query(
      `INSERT INTO refused_invoice (terminal_id, digest, body, cause, detail, invoice_id, journal_id, counter, door)
       VALUES ($1, sha256('a'), 'a', 'total_arithmetic', '', $2, $3, 4, 'issue')`,
      [till, randomUUID(), journalOf(till)],
    );
    await ground.kept.catchUp();
    expect(await found('gap', till)).toEqual([expect.objectContaining({ from: 6, to: 6 })]);
  });

  it('may still wait in the till as long as invoices may', async () => {
    const till = await register('reconnected');
    await insertSales(ground.superuser, sales(till, [1, 5], now - HOUR_MS));
    await ground.kept.catchUp();
    expect(await found('gap', till)).toEqual([expect.objectContaining({ from: 2, to: 4, mayStillWait: true })]);
  });

  it('used twice are forks, by another issued or refused invoice', async () => {
    const till = await register('forked');
    await insertSales(ground.superuser, sales(till, [1, 2, 3]));
    await insertSales(ground.superuser, [{ terminalId: till, counter: 2, soldAt: now, digest: digestOf('other') }]);
    await ground.superuser.query(
      `INSERT INTO refused_invoice (terminal_id, digest, body, cause, detail, invoice_id, journal_id, counter, door)
       VALUES ($1, sha256('b'), 'b', 'total_arithmetic', '', $2, $3, 3, 'issue')`,
      [till, randomUUID(), journalOf(till)],
    );
    await ground.kept.catchUp();
    await ground.kept.catchUp();
    const forks = (await found('fork', till)).map((item) =>
      item.kind === 'fork' ? [item.counter, item.invoices] : [],
    );
    expect(forks.toSorted(([one = 0], [other = 0]) => one - other)).toEqual([
      [2, 2],
      [3, 2],
    ]);
  });

  it('of a journal that another one followed end in an unknown tail', async () => {
    const till = await register('reinstalled');
    const next = randomUUID();
    await insertSales(ground.superuser, sales(till, [1, 2, 3]));
    await insertSales(ground.superuser, [{ terminalId: till, journalId: next, counter: 1, soldAt: now - HOUR_MS }]);
    await ground.kept.catchUp();
    expect(await found('unknown_tail', till)).toEqual([
      expect.objectContaining({
        journalId: journalOf(till),
        lastCounter: 3,
        nextJournalId: next,
        since: new Date(now - HOUR_MS).toISOString(),
      }),
    ]);
  });
});

describe('the digest chain', () => {
  it('is broken where an invoice does not name the one before it, in whatever order they came', async () => {
    const till = await register('broken');
    const [first, second, third, fourth] = sales(till, [1, 2, 3, 4]).map((sale) => ({
      ...sale,
      invoiceId: randomUUID(),
    }));
    if (!first || !second || !third || !fourth) throw new Error('four sales were wanted');
    await insertSales(ground.superuser, [first, { ...third, previousDigest: digestOf('something else') }]);
    await ground.kept.catchUp();
    expect(await found('broken_chain', till)).toEqual([]);
    await insertSales(ground.superuser, [second, fourth]);
    await ground.kept.catchUp();
    expect(await found('broken_chain', till)).toEqual([
      expect.objectContaining({ counter: 3, invoiceId: third.invoiceId, journalId: journalOf(till) }),
    ]);
  });

  it('of a first invoice leads nowhere', async () => {
    const till = await register('chained-to-nothing');
    await insertSales(ground.superuser, [{ terminalId: till, soldAt: now, previousDigest: digestOf('before') }]);
    await ground.kept.catchUp();
    expect(await found('broken_chain', till)).toEqual([expect.objectContaining({ counter: 1 })]);
  });
});

describe('a backlog', () => {
  it('is old when its oldest invoice waits longer than the limit, and gone when it has its code', async () => {
    const till = await register('waiting');
    const old = randomUUID();
    const oldest = now - (LIMIT_HOURS + 1) * HOUR_MS;
    const attempts = [oldest, now - HOUR_MS].map((at) => ({ terminalId: till, at, cause: 'no_route' }));
    await insertAttempts(ground.superuser, attempts, [old]);
    expect(await found('old_backlog', till)).toEqual([
      expect.objectContaining({ pending: 2, oldestAt: new Date(oldest).toISOString(), limitHours: LIMIT_HOURS }),
    ]);
    await insertSales(ground.superuser, [
      { terminalId: till, invoiceId: old, soldAt: oldest, registeredAt: now, door: 'reissue' },
    ]);
    expect(await found('old_backlog', till)).toEqual([]);
  });
});

describe('a silent terminal', () => {
  /** Sells every hour from eight to six on weekdays, for weeks, until `endDaysAgo`. */
  async function sellOnWeekdays(terminalId: string, endDaysAgo: number): Promise<void> {
    const midnight = Math.floor(now / DAY_MS) * DAY_MS;
    const attempts = [];
    for (let day = 60; day >= endDaysAgo; day--) {
      const start = midnight - day * DAY_MS;
      const weekday = new Date(start).getUTCDay();
      if (weekday === 0 || weekday === 6) continue;
      for (let hour = 8; hour < 18; hour++) attempts.push({ terminalId, at: start + hour * HOUR_MS, cause: null });
    }
    await insertAttempts(ground.superuser, attempts);
    await ground.kept.catchUp();
  }

  it('is one that is silent for longer than its habit, closed weekends considered', async () => {
    const till = await register('weekdays');
    await sellOnWeekdays(till, 12);
    const [silent] = await found('silent_terminal', till);
    // From Friday six to Monday eight.
    expect(silent).toMatchObject({ kind: 'silent_terminal', habitHours: 63 });
    expect(silent?.kind === 'silent_terminal' && silent.silentHours).toBeGreaterThan(10 * 24);
    const lively = await register('lively');
    await sellOnWeekdays(lively, 3);
    expect(await found('silent_terminal', lively)).toEqual([]);
  });

  it('is none while its shop is declared closed, nor when it is suspended', async () => {
    const till = await register('seasonal');
    await sellOnWeekdays(till, 20);
    expect(await found('silent_terminal', till)).toHaveLength(1);
    const closings = new Closings(ground.server);
    const draft = {
      premisesId: `shop-of-${till}`,
      start: new Date(now - 19 * DAY_MS).toISOString(),
      end: new Date(now + DAY_MS).toISOString(),
      reason: 'Winter',
    };
    expect(await closings.declare(draft, 'mia', ['elsewhere'])).toBeNull();
    const closing = await closings.declare(draft, 'mia', 'all');
    expect(closing).toMatchObject({ ...draft, declaredBy: 'mia', withdrawnAt: null });
    expect(await found('silent_terminal', till)).toEqual([]);
    expect(await closings.list(['elsewhere'])).toEqual([]);
    expect(await closings.withdraw(closing?.closingId ?? '', 'tom', ['elsewhere'])).toBeNull();
    await closings.withdraw(closing?.closingId ?? '', 'tom', 'all');
    expect(await closings.list('all')).toHaveLength(1);
    expect(await found('silent_terminal', till)).toHaveLength(1);
    await ground.superuser.query(`UPDATE terminal SET status = 'suspended' WHERE terminal_id = $1`, [till]);
    expect(await found('silent_terminal', till)).toEqual([]);
  });

  it('may be one that was enrolled and never heard of', async () => {
    const till = await register('never-heard');
    const insert = (daysAgo: number): Promise<unknown> =>
      ground.superuser.query(
        `INSERT INTO terminal_certificate (thumbprint, terminal_id, serial, der, not_before, not_after, issued_at)
         VALUES (left(translate(encode(sha256($1::text::bytea), 'base64'), '+/=', '-_'), 43), $1, $1, 'x', $2, $3, $2)`,
        [till, new Date(now - daysAgo * DAY_MS), new Date(now + 300 * DAY_MS)],
      );
    expect(await found('silent_terminal', till)).toEqual([]);
    await insert(5);
    expect(await found('silent_terminal', till)).toEqual([
      expect.objectContaining({ lastSignAt: null, silentHours: 120, habitHours: LIMIT_HOURS }),
    ]);
  });
});

describe('certificates and clocks', () => {
  it('tells of certificates that should have been renewed, not of those that were', async () => {
    const till = await register('expiring');
    const insert = (serial: string, fromDays: number, toDays: number): Promise<unknown> =>
      ground.superuser.query(
        `INSERT INTO terminal_certificate (thumbprint, terminal_id, serial, der, not_before, not_after)
         VALUES (left(translate(encode(sha256($2::text::bytea), 'base64'), '+/=', '-_'), 43), $1, $2, 'x', $3, $4)`,
        [till, serial, new Date(now + fromDays * DAY_MS), new Date(now + toDays * DAY_MS)],
      );
    await insert('old', -200, -100);
    await insert('expiring', -90, 10);
    expect(await found('certificate_expiring', till)).toEqual([
      expect.objectContaining({ daysLeft: 9, since: null, notAfter: new Date(now + 10 * DAY_MS).toISOString() }),
    ]);
    await insert('renewed', -1, 99);
    expect(await found('certificate_expiring', till)).toEqual([]);
  });

  it('tells of clocks that the newest invoices say are wrong, until they are mended', async () => {
    const till = await register('clock');
    const off = LIMITS.clockOffsetMsMax * 3;
    await insertSales(ground.superuser, [
      { terminalId: till, counter: 1, soldAt: now - 3 * DAY_MS, clockOffsetMs: off, warnings: ['clock_off'] },
      { terminalId: till, counter: 2, soldAt: now - 3 * DAY_MS + HOUR_MS },
    ]);
    await ground.kept.catchUp();
    expect(await found('clock_wrong', till)).toEqual([
      expect.objectContaining({ offsetMs: off, measuredAt: new Date(now - 3 * DAY_MS).toISOString() }),
    ]);
    await insertSales(ground.superuser, [{ terminalId: till, counter: 3, soldAt: now }]);
    await ground.kept.catchUp();
    expect(await found('clock_wrong', till)).toEqual([]);
  });

  it('tells of wrong clocks that invoices of the late door have, but not of sales that were entered later', async () => {
    const [till, honest] = [await register('late-clock'), await register('late-entry')];
    const late = { door: 'reissue', registeredAt: now, soldAt: Date.UTC(2000, 0, 1), isDoubted: true } as const;
    await insertSales(ground.superuser, [
      { terminalId: till, ...late, warnings: ['signed_outside_validity'] },
      { terminalId: honest, ...late, warnings: ['signed_outside_validity', 'entered_later'] },
    ]);
    await ground.kept.catchUp();
    expect(await found('clock_wrong', till)).toEqual([
      expect.objectContaining({ offsetMs: Date.UTC(2000, 0, 1) - now, measuredAt: new Date(now).toISOString() }),
    ]);
    expect(await found('clock_wrong', honest)).toEqual([]);
    // The till chooses neither the month of its times nor that of its business days.
    const { rows } = await ground.superuser.query<{ month: string }>(
      'SELECT month::text FROM terminal_month WHERE terminal_id = ANY ($1)',
      [[till, honest]],
    );
    expect(new Set(rows.map(({ month }) => month))).toEqual(new Set([`${new Date(now).toISOString().slice(0, 7)}-01`]));
  });
});

describe('after a restore', () => {
  const NUMBER = 900_000_500_000;
  const RECOVERED = new Date(now - HOUR_MS);
  const FROM = new Date(now - 3 * HOUR_MS);
  const jump = (why: string, next: number): Promise<unknown> =>
    ground.superuser.query(
      `INSERT INTO database_recovery
         (why, environment, recovered_at, newest_on_file_at, highest_on_file, highest_number, next_number, system_identifier,
          timeline, database_oid, statistics_due)
       VALUES ($1, 'test', $2, $3, 0, $4::bigint - 1, $4, '1', 1, 1, false)`,
      [why, RECOVERED, FROM, next],
    );
  const enrolled = async (terminalId: string): Promise<string> => {
    const till = await register(terminalId);
    await ground.superuser.query(
      `INSERT INTO terminal_certificate (thumbprint, terminal_id, serial, der, not_before, not_after, issued_at)
       VALUES (left(translate(encode(sha256($1::text::bytea), 'base64'), '+/=', '-_'), 43), $1, $1, 'x', now(), now() + interval '1 year',
               now() - interval '1 day')`,
      [till],
    );
    return till;
  };

  it('tells of tills that were not heard of, until each has said that all it holds is on file', async () => {
    const till = await enrolled('unheard');
    await jump('restarted', NUMBER);
    // A mere start of PostgreSQL forgets nothing, as long as nothing comes back.
    expect(await found('unheard_since_restore', till)).toEqual([]);
    await jump('other_cluster', NUMBER + 1);
    expect(await found('unheard_since_restore', till)).toMatchObject([
      { recoveredAt: RECOVERED.toISOString(), newestOnFileAt: FROM.toISOString(), restored: 0 },
    ]);
    const confirm = (kept: number) =>
      ground.superuser.query(
        `INSERT INTO terminal_holdings VALUES ($1, $2, now())
         ON CONFLICT (terminal_id) DO UPDATE SET kept_since = EXCLUDED.kept_since`,
        [till, kept],
      );
    await confirm(NUMBER);
    expect(await found('unheard_since_restore', till)).toHaveLength(1);
    await confirm(NUMBER + 1);
    expect(await found('unheard_since_restore', till)).toEqual([]);
  });

  it('does not wait for tills that never came or come no more', async () => {
    const [never, revoked] = [await register('never-enrolled'), await enrolled('revoked-before')];
    await ground.superuser.query(`UPDATE terminal SET status = 'revoked' WHERE terminal_id = $1`, [revoked]);
    expect(await found('unheard_since_restore', never)).toEqual([]);
    expect(await found('unheard_since_restore', revoked)).toEqual([]);
  });

  it('tells of receipts that contradict what is on file', async () => {
    const till = await register('disputed');
    await insertSales(ground.superuser, sales(till, [1]));
    const code = '90000000077700000000';
    await ground.superuser.query(
      `INSERT INTO code_dispute (terminal_id, invoice_id, code, sequence_on_file, receipt, invoice)
       SELECT terminal_id, invoice_id, $2, sequence, 'receipt', 'invoice' FROM ledger WHERE terminal_id = $1`,
      [till, code],
    );
    const { rows } = await ground.superuser.query<{ code: string }>('SELECT code FROM ledger WHERE terminal_id = $1', [
      till,
    ]);
    expect(await found('disputed_code', till)).toMatchObject([{ code, codeOnFile: rows[0]!.code }]);
  });
});

describe('what is missing', () => {
  it('is counted by kind, put together for a terminal, and paged', async () => {
    const counts = await missing.counts({}, 'all');
    for (const kind of MISSING_KINDS) {
      const { total, items } = await missing.list(kind, {}, { page: 1, pageSize: 1000 }, 'all');
      expect([kind, counts[kind]]).toEqual([kind, total]);
      expect(items).toHaveLength(total ?? -1);
      const pages = await Promise.all(
        items.map((_, index) => missing.list(kind, {}, { page: index + 1, pageSize: 1 }, 'all')),
      );
      expect(pages.flatMap((page) => page.items)).toEqual(items);
    }
    expect(counts.gap).toBeGreaterThan(0);
    expect((await missing.ofTerminal('gappy')).map(({ kind }) => kind)).toContain('gap');
    expect((await missing.list('gap', {}, { page: 99, pageSize: 50 }, 'all')).items).toEqual([]);
  });

  it('is told of what an official may see and of nothing else', async () => {
    const none = await missing.counts({}, ['shop-of-nobody']);
    expect(Object.values(none).every((count) => count === 0)).toBe(true);
    const one = await missing.counts({}, ['shop-of-gappy']);
    expect(one).toMatchObject({ gap: 1, fork: 0, unknown_tail: 0 });
    expect((await missing.list('gap', { regions: ['South'] }, ALL, 'all')).items).toEqual([]);
    expect((await missing.list('gap', { premisesIds: ['shop-of-gappy'] }, ALL, ['shop-of-forked'])).items).toEqual([]);
  });
});
