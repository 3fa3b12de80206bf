import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SessionRow } from '@tax-control/protocol/console';
import { accountSubject } from '../../src/officials/sign-in-delay.js';
import { call } from '../support/client.js';
import { addOfficial, browserOf, originOf, signIn, tireOut, trySignIn } from '../support/officials.js';
import { startTestServer, type TestServer } from '../support/server.js';

const SESSION = '/v1/console/session';
const SESSIONS = '/v1/console/sessions';
const PASSWORD = '/v1/console/password';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());
beforeEach(() => server.superuser.query('DELETE FROM sign_in_delay'));

async function statusOf(browser: { readonly cookie: string }): Promise<number> {
  const { status } = await call(server, SESSION, { listener: 'public', headers: { cookie: browser.cookie } });
  return status;
}

describe('sessions', () => {
  it('are listed to their own official only, and ended one by one or all at once', async () => {
    const official = await addOfficial(server.superuser);
    const [first, second, third] = [
      await signIn(server, official),
      await signIn(server, official),
      await signIn(server, official),
    ];
    const stranger = await signIn(server);
    const list = await second.get<{ items: SessionRow[] }>(SESSIONS);
    const { items } = list.json();
    expect(items.map(({ current }) => current)).toEqual([false, true, false]);
    expect(items[0]).toMatchObject({ remoteAddress: '127.0.0.1', userAgent: null });
    const oldest = `${SESSIONS}/${items[2]!.sessionId}`;
    expect((await stranger.call(oldest, { method: 'DELETE' })).json()).toMatchObject({ code: 'session_unknown' });
    expect(await statusOf(first)).toBe(200);
    expect((await second.call(oldest, { method: 'DELETE' })).status).toBe(200);
    expect(await Promise.all([first, second, third, stranger].map(statusOf))).toEqual([401, 200, 200, 200]);
    expect((await third.call(SESSIONS, { method: 'DELETE' })).status).toBe(200);
    expect(await Promise.all([second, third, stranger].map(statusOf))).toEqual([401, 401, 200]);
  });

  it.each(['x', '00000000-0000-4000-8000-000000000000', "'%3B--", 'constructor'])('know none %j', async (id) => {
    const browser = await signIn(server);
    const answer = await browser.call(`${SESSIONS}/${id}`, { method: 'DELETE' });
    expect([answer.status, answer.json()['code']]).toEqual([404, 'session_unknown']);
  });

  it('end when they are not used, and after a day however busy they are', async () => {
    const [idle, busy, old] = [await signIn(server), await signIn(server), await signIn(server)];
    const set = (name: string, what: string): Promise<unknown> =>
      server.superuser.query(`UPDATE official_session SET ${what} WHERE official_name = $1`, [name]);
    await set(idle.name, `last_seen_at = now() - interval '30 minutes 1 second'`);
    await set(busy.name, `last_seen_at = now() - interval '29 minutes'`);
    await set(old.name, 'expires_at = now()');
    expect(await Promise.all([idle, busy, old].map(statusOf))).toEqual([401, 200, 401]);
    // That it was used is noted: it goes on.
    const { rows } = await server.superuser.query(
      `SELECT last_seen_at > now() - interval '1 minute' AS is_fresh FROM official_session WHERE official_name = $1`,
      [busy.name],
    );
    expect(rows).toEqual([{ is_fresh: true }]);
    const lifetimes = await server.superuser.query(
      'SELECT DISTINCT extract(epoch FROM expires_at - started_at)::integer AS seconds FROM official_session WHERE official_name = $1',
      [busy.name],
    );
    expect(lifetimes.rows).toEqual([{ seconds: 12 * 60 * 60 }]);
  });

  it('are twenty at most for one account', async () => {
    const official = await addOfficial(server.superuser);
    const browser = await signIn(server, official);
    await server.superuser.query(
      `INSERT INTO official_session (token_digest, official_name, started_at, expires_at, remote_address)
       SELECT sha256(n::text::bytea), $1, now() + n * interval '1 second', now() + interval '1 hour', '::1' FROM generate_series(1, 30) AS n`,
      [official.name],
    );
    const newest = await signIn(server, official);
    expect((await newest.get<{ items: SessionRow[] }>(SESSIONS)).json().items).toHaveLength(20);
    expect(await statusOf(browser)).toBe(401);
  });

  it('all end with another password but the one that set it, which goes on under another token', async () => {
    const official = await addOfficial(server.superuser);
    const [other, browser] = [await signIn(server, official), await signIn(server, official)];
    const newPassword = 'a horse eats eleven clocks';
    const changed = await browser.call(PASSWORD, {
      method: 'PUT',
      body: { presentPassword: official.password, newPassword },
    });
    expect(changed.status).toBe(200);
    expect(await Promise.all([other, browser].map(statusOf))).toEqual([401, 401]);
    const next = browserOf(server, official, changed as never);
    expect(await statusOf(next)).toBe(200);
    expect((await next.call(SESSION, { method: 'DELETE' })).status).toBe(200);
    expect((await trySignIn(server, official)).status).toBe(401);
    expect((await trySignIn(server, { name: official.name, password: newPassword })).status).toBe(200);
  });
});

describe('another password', () => {
  it.each([
    ['too short', 'short', 'must have at least 12'],
    ['common', 'Password-2026', 'must not be made of'],
    ['the present one', '', 'must be another one'],
    ['of a thousand characters', 'xyzw'.repeat(250), 'must have at most 256'],
  ])('is refused when it is %s, with what to do', async (_, newPassword, sentence) => {
    const browser = await signIn(server);
    const body = { presentPassword: browser.password, newPassword: newPassword || browser.password };
    const answer = await browser.call<{ errors: { detail: string; pointer: string }[] }>(PASSWORD, {
      method: 'PUT',
      body,
    });
    expect([answer.status, answer.json()]).toEqual([
      422,
      expect.objectContaining({
        code: 'password_not_allowed',
        errors: [{ pointer: '/newPassword', detail: expect.stringContaining(sentence) as string }],
      }),
    ]);
    expect(answer.text).not.toContain(body.newPassword);
  });

  it('is refused with a wrong present one, and guessing that is delayed as at sign-in', async () => {
    const browser = await signIn(server);
    await tireOut(server.superuser, accountSubject(browser.name));
    const body = { presentPassword: 'a wrong guess', newPassword: 'a horse eats eleven clocks' };
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => browser.call(PASSWORD, { method: 'PUT', body })),
    );
    const codes = answers.map((answer) => answer.json()['code']);
    expect(codes.filter((code) => code === 'password_wrong')).toHaveLength(1);
    expect(codes.filter((code) => code === 'sign_in_delayed')).toHaveLength(11);
    expect(await statusOf(browser)).toBe(200);
  });

  it('of a megabyte is not read', async () => {
    const browser = await signIn(server);
    const body = { presentPassword: browser.password, newPassword: 'x'.repeat(1_000_000) };
    expect((await browser.call(PASSWORD, { method: 'PUT', body })).status).toBe(413);
  });
});

describe('an unsafe request', () => {
  it.each([
    ['no CSRF token', { 'csrf-token': '' }],
    ['another session’s CSRF token', { 'csrf-token': 'of another' }],
    ['a wrong origin', { origin: 'https://evil.example' }],
    ['no session but its CSRF token', { cookie: '' }],
    ['two session cookies', { cookie: 'twice' }],
  ])('is refused with %s, and changes nothing', async (_, headers: Record<string, string>) => {
    const browser = await signIn(server);
    const other = await signIn(server);
    const sent = {
      ...browser.headers,
      ...headers,
      ...(headers['csrf-token'] === 'of another' ? { 'csrf-token': other.session.csrfToken } : {}),
      ...(headers['cookie'] === 'twice' ? { cookie: `${other.cookie}; ${browser.cookie}` } : {}),
    };
    const answer = await call(server, SESSION, { listener: 'public', method: 'DELETE', headers: sent });
    expect(answer.json()['code']).toBe('cookie' in headers ? 'sign_in_required' : 'csrf_refused');
    expect(await Promise.all([browser, other].map(statusOf))).toEqual([200, 200]);
  });

  it('is refused with its CSRF token in the address', async () => {
    const browser = await signIn(server);
    const { cookie, origin } = browser.headers as Record<string, string>;
    const path = `${SESSION}?csrf-token=${browser.session.csrfToken}`;
    const answer = await call(server, path, {
      listener: 'public',
      method: 'DELETE',
      headers: { cookie: cookie!, origin: origin! },
    });
    expect(answer.status).toBe(403);
  });
});

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe('no route of the console', () => {
  it('answers a stranger, a till or another site’s page', async () => {
    const { paths } = (await call<OpenApi>(server, '/openapi.json', { listener: 'public' })).json();
    const routes = Object.entries(paths)
      .filter(([path]) => path.startsWith('/v1/console'))
      .flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => ({
          path: path.replaceAll(/\{[^}]+\}/g, 'x'),
          method: method.toUpperCase(),
        })),
      )
      .filter(({ path, method }) => !(path === SESSION && method === 'POST'));
    expect(routes.length).toBeGreaterThan(10);
    for (const { path, method } of routes) {
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? { body: {} } : {};
      const own = await call(server, path, {
        listener: 'public',
        method,
        ...body,
        headers: { origin: originOf(server) },
      });
      expect([method, path, own.status, own.json()['code']]).toEqual([method, path, 401, 'sign_in_required']);
      expect(own.headers['cache-control']).toBe('no-store');
      const foreign = await call(server, path, { listener: 'public', method, ...body });
      expect([method, path, foreign.status]).toEqual([method, path, method === 'GET' ? 401 : 403]);
      const till = await call(server, path, { method, ...body });
      expect([method, path, till.status]).toEqual([method, path, 404]);
    }
  });
});
