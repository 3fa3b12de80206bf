import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accountSubject, addressSubject, claimTry, forgiveTry } from '../../src/officials/sign-in-delay.js';
import { call } from '../support/client.js';
import {
  addOfficial,
  cookieIn,
  originOf,
  signIn,
  type TestOfficial,
  tireOut,
  trySignIn,
} from '../support/officials.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';

const SESSION = '/v1/console/session';

let ground: TestGround;
let server: TestServer;
/** Another instance on the same database. */
let second: TestServer;

beforeAll(async () => {
  ground = await makeGround();
  server = await startTestServer({ ground });
  second = await startTestServer({ ground });
});

afterAll(async () => {
  await Promise.all([server.stop(), second.stop()]);
  await ground.clear();
});

/** All tests come from one address. */
beforeEach(() => ground.superuser.query('DELETE FROM sign_in_delay'));

async function countOf(table: string): Promise<number> {
  const { rows } = await ground.superuser.query<{ count: number }>(`SELECT count(*)::integer AS count FROM ${table}`);
  return rows[0]!.count;
}

describe('signing in', () => {
  it('opens a session in a cookie that pages cannot read, and forgets it on signing out', async () => {
    const official = await addOfficial(server.superuser, { roles: ['operator'], fullName: 'Ada <b>Lovelace</b>' });
    const answer = await trySignIn(server, official);
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-session=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/),
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.json()).toMatchObject({
      name: official.name,
      fullName: 'Ada <b>Lovelace</b>',
      roles: ['operator'],
      view: { kind: 'all' },
      environment: 'test',
      passwordChangeRequired: false,
    });
    const browser = await signIn(second, official);
    const present = await browser.call(SESSION, {});
    expect([present.status, present.json()]).toEqual([200, browser.session]);
    const end = await browser.call(SESSION, { method: 'DELETE' });
    expect([end.status, cookieIn(end)]).toEqual([200, '__Host-session=']);
    const replayed = await browser.get(SESSION);
    expect([replayed.status, replayed.json()]).toEqual([401, expect.objectContaining({ code: 'sign_in_required' })]);
  });

  it('keeps nothing that would open a session or tell a password', async () => {
    const browser = await signIn(server);
    const { rows } = await ground.superuser.query<{ row: string }>(
      `SELECT row::text FROM official row UNION ALL SELECT row::text FROM official_session row
       UNION ALL SELECT row::text FROM audit_trail row UNION ALL SELECT row::text FROM sign_in_delay row`,
    );
    const stored = rows.map(({ row }) => row).join('\n');
    expect(stored).toContain(browser.name);
    for (const secret of [browser.password, browser.cookie.split('=')[1]!, browser.session.csrfToken]) {
      expect(stored).not.toContain(secret);
      expect(JSON.stringify(server.logLines)).not.toContain(secret);
    }
  });

  it('takes the name in any case, and a session that was planted before for nothing', async () => {
    const official = await addOfficial(server.superuser);
    const planted = (await signIn(server)).cookie;
    const answer = await trySignIn(
      server,
      { name: ` ${official.name.toUpperCase()} `, password: official.password },
      { cookie: planted },
    );
    expect(answer.status).toBe(200);
    expect(cookieIn(answer)).not.toBe(planted);
    const replayed = await call(server, SESSION, { listener: 'public', headers: { cookie: planted } });
    expect(replayed.status).toBe(401);
    const made = await trySignIn(server, official, { cookie: `__Host-session=${'A'.repeat(43)}` });
    expect(cookieIn(made)).not.toContain('AAAA');
  });

  it('renews a hash that was made with other costs', async () => {
    const official = await addOfficial(server.superuser);
    const cheap = await hash(official.password, { memoryCost: 1_024, timeCost: 1, parallelism: 1 });
    await ground.superuser.query('UPDATE official SET password_hash = $2 WHERE name = $1', [official.name, cheap]);
    await signIn(server, official);
    const { rows } = await ground.superuser.query('SELECT password_hash FROM official WHERE name = $1', [
      official.name,
    ]);
    expect(rows).toEqual([{ password_hash: expect.stringContaining('m=65536,t=3,p=1') as string }]);
    expect((await trySignIn(server, official)).status).toBe(200);
  });
});

describe('a sign-in that is refused', () => {
  it('is told in one way, whatever was wrong, and in the trail as it was', async () => {
    const active = await addOfficial(server.superuser);
    const disabled = await addOfficial(server.superuser);
    await ground.superuser.query('UPDATE official SET disabled_at = now() WHERE name = $1', [disabled.name]);
    const answers = [
      await trySignIn(server, { name: active.name, password: 'wrong password' }),
      await trySignIn(server, { name: 'nobody-of-this-name', password: 'wrong password' }),
      await trySignIn(server, disabled),
      await trySignIn(server, { name: disabled.name, password: 'wrong password' }),
      await trySignIn(server, { name: `' OR 1=1; DROP TABLE official; --`, password: `' OR ''='` }),
      await trySignIn(server, { name: '<script>alert(1)</script>', password: '\u0000\u0000' }),
      await trySignIn(server, { name: 'nul\u0000', password: 'x' }),
      await trySignIn(server, { name: '🐘'.repeat(20), password: '🐘' }),
    ];
    for (const answer of answers) {
      const { requestId, ...told } = answer.json() as unknown as Record<string, unknown>;
      expect([answer.status, answer.headers['set-cookie'], requestId]).toEqual([401, undefined, expect.any(String)]);
      expect(told).toEqual({
        type: 'urn:tax-control:problem:sign_in_refused',
        code: 'sign_in_refused',
        title: 'The name or the password is wrong.',
        status: 401,
        retry: 'never',
        detail: expect.any(String) as string,
      });
    }
    const { rows } = await ground.superuser.query(
      `SELECT official_name, facts->>'cause' AS cause FROM audit_trail WHERE action = 'session.refused'
       ORDER BY trail_id DESC LIMIT 8`,
    );
    expect(rows.toReversed()).toEqual([
      { official_name: active.name, cause: 'password' },
      { official_name: null, cause: 'name' },
      { official_name: disabled.name, cause: 'disabled' },
      { official_name: disabled.name, cause: 'password' },
      ...Array.from({ length: 4 }, () => ({ official_name: null, cause: 'name' })),
    ]);
  });

  it.each([
    ['no body', '', 400],
    ['no object', '[]', 400],
    ['no name', '{"password": "x"}', 400],
    ['a list for a name', '{"name": ["x"], "password": "x"}', 400],
    ['an object for a password', '{"name": "x", "password": {"length": 12}}', 400],
    ['an empty password', '{"name": "x", "password": ""}', 400],
    ['one member too many', '{"name": "x", "password": "x", "roles": ["administrator"]}', 400],
    ['a prototype', '{"name": "x", "password": "x", "__proto__": {"isAdmin": true}}', 400],
    ['a password of a megabyte', JSON.stringify({ name: 'x', password: 'x'.repeat(1_000_000) }), 413],
    ['a password of 2,000 characters', JSON.stringify({ name: 'x', password: 'x'.repeat(2_000) }), 400],
    ['a name of 2,000 characters', JSON.stringify({ name: 'x'.repeat(2_000), password: 'x' }), 400],
  ])('for %s is refused before anything is tried', async (_, body, status) => {
    const answer = await call(server, SESSION, {
      listener: 'public',
      method: 'POST',
      body,
      headers: { origin: originOf(server) },
    });
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain('xxxx');
    expect(await countOf('sign_in_delay')).toBe(0);
  });

  it.each([
    ['no origin', {}],
    ['another site', { origin: 'https://evil.example' }],
    ['this host without TLS', { origin: 'http://127.0.0.1' }],
    ['a sandboxed page', { origin: 'null' }],
    ['another port of this host', { origin: 'https://127.0.0.1:1' }],
  ])('because it comes from %s', async (_, headers) => {
    const official = await addOfficial(server.superuser);
    const answer = await call(server, SESSION, { listener: 'public', body: official, headers });
    expect([answer.status, answer.json()['code'], answer.headers['set-cookie']]).toEqual([
      403,
      'csrf_refused',
      undefined,
    ]);
  });

  it('because it is a form', async () => {
    const answer = await call(server, SESSION, {
      listener: 'public',
      body: 'name=x&password=y',
      headers: { origin: originOf(server), 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.status).toBe(415);
  });

  it('because it came to another listener', async () => {
    expect((await call(server, SESSION, { body: { name: 'x', password: 'y' } })).status).toBe(404);
    const body = { name: 'x', password: 'y' };
    expect((await call(server, SESSION, { listener: 'operator', body })).status).toBe(404);
  });
});

describe('guessing', () => {
  const TRIES = 24;

  async function guess(official: Pick<TestOfficial, 'name'>, times: number): Promise<Record<string, number>> {
    const tries = Array.from({ length: times }, (_, index) =>
      trySignIn(index % 2 === 0 ? server : second, { name: official.name, password: `guess number ${index}` }),
    );
    const counts: Record<string, number> = {};
    for (const answer of await Promise.all(tries)) {
      const { code } = answer.json() as unknown as { code: string };
      const wait = answer.headers['retry-after'] === undefined ? '' : ' with a time to wait';
      counts[`${code}${wait}`] = (counts[`${code}${wait}`] ?? 0) + 1;
    }
    return counts;
  }

  it('at once and on all instances gets no more tries than one after the other', async () => {
    const official = await addOfficial(server.superuser);
    await tireOut(server.superuser, accountSubject(official.name));
    expect(await guess(official, TRIES)).toEqual({
      sign_in_refused: 1,
      'sign_in_delayed with a time to wait': TRIES - 1,
    });
    const right = await trySignIn(second, official);
    expect([right.status, right.json()]).toEqual([429, expect.objectContaining({ code: 'sign_in_delayed' })]);
  });

  it('is delayed alike for a name that does not exist', async () => {
    await tireOut(server.superuser, accountSubject('nobody-at-all'));
    expect(await guess({ name: 'nobody-at-all' }, TRIES)).toEqual({
      sign_in_refused: 1,
      'sign_in_delayed with a time to wait': TRIES - 1,
    });
  });

  it('waits longer with each try, at most a quarter of an hour, and is forgotten after the right password', async () => {
    const official = await addOfficial(server.superuser);
    const waits: number[] = [];
    for (let times = 0; times < 5; times += 1) await trySignIn(server, { ...official, password: 'wrong' });
    for (let times = 0; times < 14; times += 1) {
      await ground.superuser.query('UPDATE sign_in_delay SET blocked_until = now()');
      expect((await trySignIn(server, { ...official, password: 'wrong' })).status).toBe(401);
      const { rows } = await ground.superuser.query<{ seconds: number }>(
        'SELECT round(extract(epoch FROM max(blocked_until - last_try_at)))::integer AS seconds FROM sign_in_delay WHERE tries > 5',
      );
      waits.push(rows[0]!.seconds);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]);
    await ground.superuser.query('UPDATE sign_in_delay SET blocked_until = now()');
    expect((await trySignIn(server, official)).status).toBe(200);
    for (let times = 0; times < 5; times += 1)
      expect((await trySignIn(server, { ...official, password: 'wrong' })).status).toBe(401);
  });

  it('from one address at many names is delayed too, and an own account buys no more', async () => {
    const own = await addOfficial(server.superuser);
    await tireOut(server.superuser, addressSubject('127.0.0.1'));
    const statuses: number[] = [];
    for (const name of [own.name, 'name-1', 'name-2', own.name])
      statuses.push((await trySignIn(server, { name, password: own.password })).status);
    expect(statuses).toEqual([200, 401, 429, 429]);
  });

  it('costs a person five slips and an office thirty nothing', async () => {
    const statuses: number[] = [];
    for (let index = 0; index < 30; index += 1)
      statuses.push((await trySignIn(server, { name: `name-${index % 6}`, password: 'Spring in the office' })).status);
    expect(statuses).toEqual(Array.from({ length: 30 }, () => 401));
  });

  it('costs nothing, not even half a millisecond, whoever comes right behind another', async () => {
    const [account, address] = [accountSubject('whoever'), addressSubject('192.0.2.1')];
    const client = await ground.superuser.connect();
    const waits: number[] = [];
    // A single session asks again within a fraction of a millisecond.
    for (let times = 0; times < 50; times += 1) {
      waits.push(await claimTry(client, address));
      await forgiveTry(client, account, address);
    }
    client.release();
    expect(Math.max(...waits)).toBe(0);
  });

  it('leaves no rows for ever', async () => {
    await trySignIn(server, { name: 'long-gone', password: 'x' });
    await ground.superuser.query(
      `UPDATE sign_in_delay SET last_try_at = now() - interval '25 hours', blocked_until = now()`,
    );
    await signIn(server);
    expect(await countOf('sign_in_delay')).toBe(1);
  });
});

describe('a temporary password', () => {
  async function temporary(hours: number): Promise<TestOfficial> {
    const official = await addOfficial(server.superuser, { roles: ['administrator'] });
    await ground.superuser.query(
      `UPDATE official SET password_expires_at = now() + $2 * interval '1 hour' WHERE name = $1`,
      [official.name, hours],
    );
    return official;
  }

  it('lets its holder set another, and nothing else', async () => {
    const official = await temporary(1);
    const browser = await signIn(server, official);
    expect(browser.session.passwordChangeRequired).toBe(true);
    for (const path of ['/v1/console/officials', '/v1/console/sessions']) {
      const answer = await browser.get(path);
      expect([answer.status, answer.json()['code']]).toEqual([403, 'password_change_required']);
    }
    const change = { presentPassword: official.password, newPassword: 'eleven clocks eat a horse' };
    const changed = await browser.call('/v1/console/password', { method: 'PUT', body: change });
    expect([changed.status, changed.json()['passwordChangeRequired']]).toEqual([200, false]);
    expect((await browser.get(SESSION)).status).toBe(401);
    const cookie = cookieIn(changed);
    const officials = await call(server, '/v1/console/officials', { listener: 'public', headers: { cookie } });
    expect(officials.status).toBe(200);
    expect((await trySignIn(server, official)).status).toBe(401);
  });

  it('is worth nothing after its time', async () => {
    const answer = await trySignIn(server, await temporary(-1));
    expect([answer.status, answer.json()]).toEqual([
      401,
      expect.objectContaining({ code: 'temporary_password_expired' }),
    ]);
  });
});
