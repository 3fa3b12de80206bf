import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LogEntry, systemClock } from '@tax-control/protocol';
import type { AttemptStatistics, ReportQuery } from '@tax-control/protocol/console';
import { RefusedAuthentications } from '../../src/authentication/refused-authentications.js';
import { AttemptStatisticsService } from '../../src/log-analytics/attempts/attempt-statistics.js';
import { ServerEventRecorder } from '../../src/log-analytics/attempts/server-event-recorder.js';
import { ServerEvents } from '../../src/observability/server-events.js';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { publishParameters, Till } from '../issuance/office.js';
import { call } from '../support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal, type TestTerminalOptions } from '../support/terminals.js';
import { entryOf } from './ground.js';

const HOUR_MS = 3_600_000;

let ground: TestGround;
let server: TestServer;
beforeAll(async () => {
  ground = await makeGround();
  await publishParameters(ground);
  server = await startTestServer({ ground });
});
afterAll(async () => {
  await server.stop();
  await ground.clear();
});
beforeEach(async () => {
  await flush();
  await server.superuser.query('TRUNCATE transaction_log_entry, server_event, attempt_count, refused_authentication');
});

async function newTill(options: TestTerminalOptions = {}): Promise<Till> {
  return new Till(await makeTerminal(server, options), new TerminalDirectory(server.superuser));
}

function flush(): Promise<void> {
  return server.running.application.get(ServerEventRecorder).flush();
}

function send(till: Till, path: string, body: object, attemptIds: readonly string[]) {
  return call(server, path, { terminal: till.terminal, body, headers: { 'attempt-id': attemptIds.join(', ') } });
}

function upload(till: Till, entries: readonly LogEntry[]) {
  return call(server, '/v1/transaction-logs', { terminal: till.terminal, body: { entries } });
}

function statistics(from = Date.now() - HOUR_MS, to = Date.now() + HOUR_MS): Promise<AttemptStatistics> {
  const period = {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    zone: 'UTC',
    step: 'hour',
  } as const;
  const query: ReportQuery = { period, filter: {} };
  return server.running.application.get(AttemptStatisticsService).statistics(query, 'all');
}

async function causes(): Promise<unknown[]> {
  return (await statistics()).causes.map(({ cause, group, count }) => [cause, group, count.value]);
}

describe('what the server saw of an attempt', () => {
  it('counts until the till tells of it, and once for ever', async () => {
    const till = await newTill();
    const [issue, reissue] = [randomUUID(), randomUUID()];
    await send(till, '/v1/invoices', { invoice: 'rubbish' }, [issue]);
    await send(till, '/v1/reissues', { invoices: [till.sign().jws, 'rubbish'] }, [randomUUID(), reissue]);
    await flush();
    expect(await causes()).toEqual([['jws_malformed', 'refused', 2]]);
    const told = entryOf({ id: issue, outcome: 'failed', cause: 'answer_timeout', at: new Date().toISOString() });
    expect((await upload(till, [told])).json()).toMatchObject({ new: 1 });
    await upload(till, [told]);
    expect(await causes()).toEqual([
      ['answer_timeout', 'network', 1],
      ['jws_malformed', 'refused', 1],
    ]);
    expect((await statistics()).figures.refused.value).toBe(1);
  });

  it('does not count where the till’s word came first', async () => {
    const till = await newTill();
    const attempt = randomUUID();
    await send(till, '/v1/invoices', { invoice: 'rubbish' }, [attempt]);
    await upload(till, [entryOf({ id: attempt, outcome: 'refused', cause: 'jws_malformed' })]);
    await flush();
    expect(await causes()).toEqual([['jws_malformed', 'refused', 1]]);
  });

  it('is told of a terminal that may not come in, which cannot tell itself; strangers are a figure of their own', async () => {
    const revoked = await newTill({ status: 'revoked' });
    const suspended = await newTill({ status: 'suspended' });
    await send(revoked, '/v1/invoices', { invoice: revoked.sign().jws }, [randomUUID()]);
    await send(suspended, '/v1/invoices', { invoice: suspended.sign().jws }, [randomUUID()]);
    await send(revoked, '/v1/reissues', { invoices: [] }, [randomUUID(), randomUUID(), 'no id']);
    // Without an attempt's name, or no attempt at all.
    await call(server, '/v1/invoices', { terminal: revoked.terminal, body: { invoice: '' } });
    await call(server, '/v1/invoices', { body: { invoice: '' }, headers: { 'attempt-id': randomUUID() } });
    await flush();

    await server.running.application.get(RefusedAuthentications).flush();
    const { figures } = await statistics();
    expect(await causes()).toEqual([
      ['terminal_revoked', 'authentication', 3],
      ['terminal_suspended', 'authentication', 1],
    ]);
    expect([figures.notAuthenticated.value, figures.storedOffline.value]).toEqual([4, 2]);
    expect(figures.refusedAuthentications.value).toBe(2);
  });

  it('waits while the database is away, and is lost rather than in anybody’s way', async () => {
    const till = await newTill();
    await server.superuser.query('ALTER TABLE server_event RENAME TO gone');
    const answer = await send(till, '/v1/invoices', { invoice: 'rubbish' }, [randomUUID()]);
    expect(answer.json()).toMatchObject({ code: 'jws_malformed' });
    await flush();
    expect(server.logLines.at(-1)).toMatchObject({ level: 'warn', events: 1 });
    await server.superuser.query('ALTER TABLE gone RENAME TO server_event');
    await flush();
    expect(await causes()).toEqual([]);
  });

  it('is bounded, for one terminal and for all', () => {
    const events = new ServerEvents(systemClock);
    const record = (terminalId: string): boolean =>
      events.record({ terminalId, attemptId: randomUUID(), door: 'issue', outcome: 'failed', cause: 'server_busy' });
    const kept = Array.from({ length: 600 }, () => record('loud')).filter(Boolean);
    expect(kept).toHaveLength(500);
    expect(record('quiet')).toBe(true);
    expect(events.take()).toMatchObject({ lost: 100 });
    expect(record('loud')).toBe(true);
  });
});

describe('entries of odd times and causes', () => {
  it('are kept, flagged and counted in no real hour', async () => {
    const till = await newTill();
    const odd = ['1970-01-01T00:00:00Z', '2100-01-01T00:00:00Z'].map((at) => entryOf({ at }));
    await upload(till, [...odd, entryOf()]);
    const { figures } = await statistics();
    expect([figures.attempts.value, figures.unplaced.value]).toEqual([1, 2]);
    for (const at of ['1970-01-01T00:00:00Z', '2099-12-31T00:00:00Z']) {
      const { figures: none } = await statistics(Date.parse(at), Date.parse(at) + 48 * HOUR_MS);
      expect([none.attempts.value, none.unplaced.value]).toEqual([0, 0]);
    }
    const { rows } = await server.superuser.query('SELECT is_placed FROM transaction_log_entry ORDER BY at');
    expect(rows.map(({ is_placed }: { is_placed: boolean }) => is_placed)).toEqual([false, true, false]);
  });

  it('count in the hour in which they happened, however late they come', async () => {
    const till = await newTill();
    const at = Date.now() - 40 * 24 * HOUR_MS;
    await upload(till, [entryOf({ at: new Date(at).toISOString() })]);
    const { series } = await statistics(Math.floor(at / HOUR_MS) * HOUR_MS, Math.ceil((at + 1) / HOUR_MS) * HOUR_MS);
    expect(series.map(({ failed }) => failed)).toEqual([1]);
    expect((await statistics()).figures.attempts.value).toBe(0);
  });

  it('count a cause that this version does not know as unknown, and keep it', async () => {
    const till = await newTill();
    await upload(till, [entryOf({ cause: 'line_eaten_by_mice' }), entryOf({ cause: null })]);
    expect(await causes()).toEqual([['unknown', 'till', 2]]);
    const { rows } = await server.superuser.query('SELECT cause FROM transaction_log_entry ORDER BY cause');
    expect(rows).toEqual([{ cause: 'line_eaten_by_mice' }, { cause: null }]);
  });
});
