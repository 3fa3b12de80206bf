import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS, type LogEntry, type LogUploadAnswer } from '@tax-control/protocol';
import { type Answer, call } from './support/client.js';
import { startTestServer, type TestServer } from './support/server.js';
import { makeTerminal, type TestTerminal } from './support/terminals.js';

let server: TestServer;
let till: TestTerminal;
beforeAll(async () => {
  server = await startTestServer();
  till = await makeTerminal(server);
});
afterAll(() => server.stop());

function entry(over: Record<string, unknown> = {}): LogEntry {
  return {
    id: randomUUID(),
    at: '2026-11-22T18:05:00.123+01:00',
    door: 'issue',
    invoiceId: randomUUID(),
    outcome: 'failed',
    cause: 'connection_refused',
    detail: 'connect ECONNREFUSED 192.0.2.7:8443',
    address: 'https://192.0.2.7:8443',
    connectMs: null,
    tlsMs: null,
    answerMs: null,
    totalMs: 12,
    ...over,
  };
}

function upload(entries: unknown, terminal = till): Promise<Answer<LogUploadAnswer>> {
  return call<LogUploadAnswer>(server, '/v1/transaction-logs', { terminal, body: { entries } });
}

async function stored(terminal = till): Promise<number> {
  const { rows } = await server.superuser.query<{ count: string }>(
    'SELECT count(*) FROM transaction_log_entry WHERE terminal_id = $1',
    [terminal.terminalId],
  );
  return Number(rows[0]?.count);
}

describe('an upload of the transaction log', () => {
  it('stores each entry once, as it is', async () => {
    const entries = [
      entry(),
      entry({ cause: 'line_eaten_by_mice' }),
      entry({ outcome: 'issued', cause: null, detail: null }),
    ];
    expect((await upload(entries)).json()).toEqual({ new: 3, repeated: 0, invalid: [] });
    expect((await upload([...entries, entry()])).json()).toEqual({ new: 1, repeated: 3, invalid: [] });
    const { rows } = await server.superuser.query('SELECT * FROM transaction_log_entry WHERE entry_id = $1', [
      entries[1]?.id,
    ]);
    expect(rows).toEqual([
      expect.objectContaining({
        terminal_id: till.terminalId,
        at: new Date('2026-11-22T17:05:00.123Z'),
        cause: 'line_eaten_by_mice',
        connect_ms: null,
        total_ms: '12',
      }),
    ]);
  });

  it('stores an entry once that comes in two uploads at the same time, or twice in one', async () => {
    const other = await makeTerminal(server);
    const entries = Array.from({ length: 50 }, () => entry());
    const answers = await Promise.all([
      upload(entries, other),
      upload(entries.toReversed(), other),
      upload([...entries, ...entries], other),
    ]);
    const counts = answers.map((answer) => answer.json());
    expect(counts.reduce((sum, count) => sum + count.new, 0)).toBe(50);
    expect(await stored(other)).toBe(50);
  });

  it('keeps nothing back for a neighbour’s fault, and names the faulty ones by index', async () => {
    const before = await stored();
    const answer = await upload([
      entry(),
      'no entry',
      entry({ detail: 'a\u0000b' }),
      entry({ terminalId: 'another' }),
      entry({ totalMs: 1.5 }),
      entry({ at: '0000-01-01T00:00:00Z' }),
      entry({ detail: `'); DROP TABLE transaction_log_entry; --` }),
    ]);
    const { invalid, ...counts } = answer.json();
    expect(counts).toEqual({ new: 2, repeated: 0 });
    expect(invalid.map(({ index, problem }) => [index, problem.code])).toEqual(
      [1, 2, 3, 4, 5].map((index) => [index, 'entry_invalid']),
    );
    expect(await stored()).toBe(before + 2);
  });

  it('is the calling terminal’s, even with another one’s entry id', async () => {
    const [first, second] = [await makeTerminal(server), await makeTerminal(server)];
    const one = entry();
    expect((await upload([one], first)).json()).toMatchObject({ new: 1 });
    expect((await upload([one], second)).json()).toMatchObject({ new: 1 });
  });

  it('takes the full number of entries and none more', async () => {
    const many = Array.from({ length: LIMITS.logEntriesMax }, () => entry());
    expect((await upload(many)).json()).toMatchObject({ new: LIMITS.logEntriesMax });
    const answer = await upload([...many, entry()]);
    expect([answer.status, answer.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'too_many_entries', allowed: LIMITS.logEntriesMax }),
    ]);
    expect((await upload([])).json()).toEqual({ new: 0, repeated: 0, invalid: [] });
  });

  it.each([null, {}, 'text', 1])('is refused when `entries` is %j', async (entries) => {
    const answer = await upload(entries);
    expect([answer.status, answer.json()]).toEqual([400, expect.objectContaining({ code: 'invalid_request' })]);
  });

  it('is taken from suspended terminals and under expired certificates, and from nobody else', async () => {
    const notAfter = new Date(Date.now() - 1_000);
    const suspended = await makeTerminal(server, { status: 'suspended' });
    const expired = await makeTerminal(server, { notAfter, status: 'suspended' });
    const expiredAndRevoked = await makeTerminal(server, { notAfter, status: 'revoked' });
    expect((await upload([entry()], suspended)).status).toBe(200);
    expect((await upload([entry()], expired)).status).toBe(200);
    expect((await upload([entry()], expiredAndRevoked)).json()).toMatchObject({ code: 'terminal_revoked' });
  });
});
