import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditTrailPage } from '@tax-control/protocol/console';
import { inTransaction } from '../../src/database/transaction.js';
import { sqlFailure } from '../../src/database/sql-failure.js';
import { AuditTrail } from '../../src/audit-trail/audit-trail.js';
import { addOfficial, signIn, type TestBrowser, trySignIn } from '../support/officials.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { testPool } from '../support/pool.js';

const TRAIL = '/v1/console/audit-trail';
const OFFICIALS = '/v1/console/officials';
const INSUFFICIENT_PRIVILEGE = '42501';

let server: TestServer;
let supervisor: TestBrowser;
beforeAll(async () => {
  server = await startTestServer();
  supervisor = await signIn(server, { roles: ['supervisor'] });
});
afterAll(() => server.stop());
beforeEach(() => server.superuser.query('DELETE FROM sign_in_delay'));

async function read(query: Record<string, string> = {}): Promise<AuditTrailPage> {
  const answer = await supervisor.get<AuditTrailPage>(`${TRAIL}?${new URLSearchParams(query).toString()}`);
  expect(answer.status).toBe(200);
  return answer.json();
}

describe('the audit trail', () => {
  it('tells who did what, to whom, when and from where', async () => {
    const administrator = await signIn(server, { roles: ['administrator'] });
    const draft = { name: 'audited', fullName: 'X', roles: ['official'], view: { kind: 'all' } };
    const added = await administrator.post(OFFICIALS, draft);
    await administrator.post(OFFICIALS, draft);
    await administrator.post(`${OFFICIALS}/audited/changes`, { roles: ['operator'] });
    await administrator.post(`${OFFICIALS}/audited/changes`, { disabled: true });
    await administrator.post(`${OFFICIALS}/audited/changes`, { disabled: false });
    const reset = await administrator.post(`${OFFICIALS}/audited/password`, {});
    await administrator.call(`${OFFICIALS}/audited/sessions`, { method: 'DELETE' });
    await administrator.call('/v1/console/session', { method: 'DELETE' });
    const { items } = await read({ official: administrator.name });
    expect(items.map(({ action, subject }) => [action, subject]).toReversed()).toEqual([
      ['session.begun', null],
      ['official.added', 'audited'],
      ['official.changed', 'audited'],
      ['official.disabled', 'audited'],
      ['official.enabled', 'audited'],
      ['official.reset', 'audited'],
      ['official.sessions_ended', 'audited'],
      ['session.ended', null],
    ]);
    expect(items.at(-2)).toEqual({
      trailId: expect.stringMatching(/^\d+$/) as string,
      at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      official: administrator.name,
      action: 'official.added',
      subject: 'audited',
      reason: null,
      facts: { roles: ['official'], view: { kind: 'all' } },
      remoteAddress: '127.0.0.1',
      requestId: added.headers['request-id'],
    });
    const told = JSON.stringify(items);
    expect(told).not.toContain(reset.json()['temporaryPassword']);
    expect(told).not.toContain(administrator.cookie.split('=')[1]);
  });

  it('has pages that neither repeat nor skip while entries are added', async () => {
    const official = await addOfficial(server.superuser);
    for (let times = 0; times < 5; times += 1) await trySignIn(server, { ...official, password: 'wrong' });
    const seen: string[] = [];
    let before: string | null = '';
    while (before !== null) {
      const page: AuditTrailPage = await read({
        official: official.name,
        pageSize: '2',
        ...(before === '' ? {} : { before }),
      });
      seen.push(...page.items.map(({ trailId }) => trailId));
      before = page.next;
      await trySignIn(server, official);
    }
    expect(seen).toHaveLength(5);
    expect(seen).toEqual([...new Set(seen)].sort((one, other) => Number(other) - Number(one)));
  });

  it('is searched by action, subject and time', async () => {
    const subject = `<script>'; DELETE FROM audit_trail; --`;
    await server.superuser.query(
      `INSERT INTO audit_trail (official_name, action, subject, reason, facts) VALUES (NULL, 'invoice.viewed', $1, 'why', '{}')`,
      [subject],
    );
    expect((await read({ subject })).items.map(({ action, reason }) => [action, reason])).toEqual([
      ['invoice.viewed', 'why'],
    ]);
    expect((await read({ action: 'invoice.viewed' })).items).toHaveLength(1);
    expect((await read({ to: '2020-01-01T00:00:00Z' })).items).toEqual([]);
    expect((await read({ from: '2020-01-01T00:00:00+08:00', subject })).items).toHaveLength(1);
    expect((await read({ official: 'nobody' })).items).toEqual([]);
    expect((await read({ before: '999999999999999999', pageSize: '1' })).items).toHaveLength(1);
  });

  it.each(['before=x', 'before=1&before=2', 'pageSize=1000', 'page=2', 'from=now', 'action=%01', 'subject=%01'])(
    'refuses the query %s',
    async (query) => {
      const answer = await supervisor.get(`${TRAIL}?${query}`);
      expect([answer.status, answer.json()['code']]).toEqual([400, 'invalid_request']);
    },
  );

  it('is taken along as CSV, more than a page and newest first, which is noted too', async () => {
    await server.superuser.query(
      `INSERT INTO audit_trail (action, subject, reason, facts)
       SELECT 'invoice.viewed', 'many', '=HYPERLINK("x")', jsonb_build_object('n', n) FROM generate_series(1, 2500) AS n`,
    );
    const csv = await supervisor.get(`${TRAIL}?subject=many&format=csv`);
    const lines = csv.text.trimEnd().split('\r\n');
    expect([csv.status, lines.length]).toEqual([200, 2_501]);
    expect(lines[0]).toBe('\ufefftrailId,at,official,action,subject,reason,facts,remoteAddress,requestId');
    expect(lines[1]).toContain(`,invoice.viewed,many,"'=HYPERLINK(""x"")","{""n"":2500}",`);
    expect(lines.at(-1)).toContain('"{""n"":1}"');
    const [noted] = (await read({ official: supervisor.name, action: 'csv.exported' })).items;
    expect(noted).toMatchObject({ subject: 'audit-trail', facts: { query: { subject: 'many' } } });
  });

  it('notes that it was read, once for each search', async () => {
    const reader = await signIn(server, { roles: ['supervisor'] });
    const first = (await reader.get<AuditTrailPage>(`${TRAIL}?pageSize=1`)).json();
    await reader.get(`${TRAIL}?pageSize=1&before=${first.next}`);
    const reads = await read({ official: reader.name, action: 'audit_trail.read' });
    expect(reads.items.map(({ facts }) => facts)).toEqual([{}]);
  });

  it.each(['official', 'operator', 'administrator'] as const)('is not for the %s', async (role) => {
    const browser = await signIn(server, { roles: [role] });
    expect((await browser.get(TRAIL)).json()).toMatchObject({ code: 'role_missing' });
  });

  it('has no entry of what was rolled back, and takes any text', async () => {
    const pool = testPool(server.database.serverUrl);
    const trail = new AuditTrail(pool);
    const { rows } = await pool.query<{ name: string }>('SELECT name FROM official LIMIT 1');
    const official = {
      name: rows[0]!.name,
      fullName: '',
      roles: [],
      view: { kind: 'all' },
      visiblePremises: 'all',
      sessionId: '',
      remoteAddress: '::1',
      requestId: '00000000-0000-4000-8000-000000000000',
    } as const;
    const text = 'a\u0000b\ud800 =1+1 <b>';
    const act = { action: 'csv.exported', subject: text, reason: text, facts: { query: { text } } } as const;
    await inTransaction(pool, async (client) => {
      await trail.record(official, { ...act, subject: 'rolled back' }, client);
      throw new Error('rolled back');
    }).catch(() => undefined);
    await trail.record(official, act);
    const kept = 'a\ufffdb\ufffd =1+1 <b>';
    expect((await read({ action: 'csv.exported', subject: kept })).items).toMatchObject([
      { subject: kept, reason: kept, facts: { query: { text: kept } } },
    ]);
    await pool.end();
  });
});

describe('the trail’s table', () => {
  const CHANGES = [
    `UPDATE audit_trail SET reason = 'another'`,
    'UPDATE audit_trail SET facts = facts',
    'DELETE FROM audit_trail',
    'TRUNCATE audit_trail',
    'SELECT FROM audit_trail FOR UPDATE',
    'DROP TABLE audit_trail',
    'ALTER TABLE audit_trail DISABLE TRIGGER ALL',
    `INSERT INTO audit_trail (at, action, facts) VALUES ('2020-01-01', 'csv.exported', '{}')`,
    `INSERT INTO audit_trail (trail_id, action, facts) OVERRIDING SYSTEM VALUE VALUES (1, 'csv.exported', '{}')`,
    `INSERT INTO audit_trail (action, facts) VALUES ('csv.exported', '{}') ON CONFLICT (trail_id) DO UPDATE SET reason = 'x'`,
  ];

  it.each(['serverUrl', 'operatorUrl', 'auditorUrl'] as const)('can be changed by nobody: %s', async (url) => {
    const pool = testPool({ connectionString: server.database[url], max: 1 });
    const count = async (): Promise<unknown> =>
      (await pool.query('SELECT count(*), max(reason) FROM audit_trail')).rows;
    const before = await count();
    const failures = [];
    for (const sql of CHANGES)
      failures.push(
        await pool.query(sql).then(
          () => null,
          (error: unknown) => sqlFailure(error).sqlState,
        ),
      );
    expect(failures).toEqual(CHANGES.map(() => INSUFFICIENT_PRIVILEGE));
    expect(await count()).toEqual(before);
    await pool.end();
  });

  it('is appended to by server and commands, not by auditors', async () => {
    const append = `INSERT INTO audit_trail (action, facts) VALUES ('csv.exported', '{}')`;
    const failureOf = async (connectionString: string): Promise<string | null | undefined> => {
      const pool = testPool({ connectionString, max: 1 });
      const failure = await pool.query(append).then(
        () => null,
        (error: unknown) => sqlFailure(error).sqlState,
      );
      await pool.end();
      return failure;
    };
    const { serverUrl, operatorUrl, auditorUrl } = server.database;
    expect(await Promise.all([serverUrl, operatorUrl, auditorUrl].map(failureOf))).toEqual([
      null,
      null,
      INSUFFICIENT_PRIVILEGE,
    ]);
  });
});

describe('the accounts’ table', () => {
  it.each([
    ['serverUrl', 'DELETE FROM official'],
    ['serverUrl', `UPDATE official SET name = 'another'`],
    ['serverUrl', 'UPDATE official SET created_at = now()'],
    ['serverUrl', 'TRUNCATE official CASCADE'],
    ['serverUrl', 'UPDATE official_session SET expires_at = now()'],
    ['operatorUrl', 'SELECT password_hash FROM official'],
    ['operatorUrl', 'SELECT * FROM official'],
    ['operatorUrl', 'DELETE FROM official'],
    ['operatorUrl', `UPDATE official_session SET last_seen_at = now()`],
    ['auditorUrl', 'SELECT password_hash FROM official'],
    ['auditorUrl', 'SELECT FROM official_session'],
  ] as const)('does not let %s do %s', async (url, sql) => {
    const pool = testPool({ connectionString: server.database[url], max: 1 });
    const failure = await pool.query(sql).then(
      () => null,
      (error: unknown) => sqlFailure(error).sqlState,
    );
    await pool.end();
    expect(failure).toBe(INSUFFICIENT_PRIVILEGE);
  });
});
