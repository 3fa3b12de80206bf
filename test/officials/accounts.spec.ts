import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OfficialRow, OfficialWithPassword } from '@tax-control/protocol/console';
import { accountSubject } from '../../src/officials/sign-in-delay.js';
import { TEMPORARY_PASSWORD_MS } from '../../src/officials/temporary-password.js';
import { addOfficial, signIn, type TestBrowser, tireOut, trySignIn } from '../support/officials.js';
import { startTestServer, type TestServer } from '../support/server.js';

const OFFICIALS = '/v1/console/officials';
const SESSION = '/v1/console/session';
const HOSTILE = `Robert'); DROP TABLE official; -- <img src=x onerror=alert(1)> {{7*7}} =cmd|'/c calc'`;

let server: TestServer;
let administrator: TestBrowser;

beforeAll(async () => {
  server = await startTestServer();
  await server.superuser.query(
    `INSERT INTO taxpayer (taxpayer_id, name) VALUES ('X1', 'One'), ('X2', 'Two');
     INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
     VALUES ('P1', 'X1', 'Shop', 'north', 'retail', 'Street'), ('P2', 'X2', 'Shop', 'south', 'retail', 'Street')`,
  );
  administrator = await signIn(server, { roles: ['administrator'] });
});
afterAll(() => server.stop());
beforeEach(() => server.superuser.query('DELETE FROM sign_in_delay'));

const draft = (name: string, more: object = {}): object => ({
  name,
  fullName: 'An Official',
  roles: ['official'],
  view: { kind: 'all' },
  ...more,
});

async function add(name: string, more: object = {}): Promise<OfficialWithPassword> {
  const answer = await administrator.post<OfficialWithPassword>(OFFICIALS, draft(name, more));
  expect(answer.status).toBe(201);
  return answer.json();
}

describe('an administrator', () => {
  it('adds an account, whose holder sets a password of his own', async () => {
    const { official, temporaryPassword } = await add(' New.One@office.example ', {
      view: { kind: 'regions', regions: ['north'] },
    });
    expect(official).toMatchObject({
      name: 'new.one@office.example',
      view: { kind: 'regions', regions: ['north'] },
      lastSignInAt: null,
      disabledAt: null,
      temporaryPasswordUntil: expect.any(String) as string,
      sessions: 0,
    });
    const holder = await signIn(server, { name: official.name, password: temporaryPassword });
    const body = { presentPassword: temporaryPassword, newPassword: 'a horse eats eleven clocks' };
    expect((await holder.call('/v1/console/password', { method: 'PUT', body })).status).toBe(200);
    const row = (await administrator.get<OfficialRow>(`${OFFICIALS}/${official.name}`)).json();
    expect(row).toMatchObject({
      temporaryPasswordUntil: null,
      sessions: 1,
      lastSignInAt: expect.any(String) as string,
    });
  });

  it('sees what was typed as it was typed', async () => {
    const { official } = await add('hostile', { fullName: HOSTILE });
    expect(official.fullName).toBe(HOSTILE);
    const list = await administrator.get<{ items: OfficialRow[] }>(OFFICIALS);
    expect(list.headers['content-type']).toMatch(/^application\/json/);
    expect(list.json().items.map(({ fullName }) => fullName)).toContain(HOSTILE);
    expect(list.text).not.toMatch(/argon2|password_hash/);
  });

  it('takes the list along as CSV, in which nothing is a formula', async () => {
    await add('formula', { fullName: '=1+1', view: { kind: 'taxpayers', taxpayerIds: ['X1', 'X2'] } });
    const csv = await administrator.get(`${OFFICIALS}?format=csv`);
    expect(csv.headers['content-type']).toMatch(/^text\/csv/);
    expect(csv.text.split('\r\n')[0]).toMatch(/^\ufeffname,fullName,roles,view,viewMembers,/);
    expect(csv.text).toMatch(/^formula,'=1\+1,official,taxpayers,X1 X2,/m);
    expect((await administrator.get(`${OFFICIALS}?format=xlsx`)).status).toBe(400);
  });

  it('disables an account, which ends its sessions, and lets it in again', async () => {
    const official = await addOfficial(server.superuser);
    const browser = await signIn(server, official);
    const disabled = await administrator.post<OfficialRow>(`${OFFICIALS}/${official.name}/changes`, { disabled: true });
    expect([disabled.status, disabled.json().sessions]).toEqual([200, 0]);
    expect((await browser.get(SESSION)).status).toBe(401);
    expect((await trySignIn(server, official)).status).toBe(401);
    await administrator.post(`${OFFICIALS}/${official.name}/changes`, { disabled: false });
    expect((await browser.get(SESSION)).status).toBe(401);
    expect((await trySignIn(server, official)).status).toBe(200);
  });

  it('takes a role or a view away with effect on the next request', async () => {
    const browser = await signIn(server, { roles: ['administrator'] });
    expect((await browser.get(OFFICIALS)).status).toBe(200);
    const change = { roles: ['official'], view: { kind: 'taxpayers', taxpayerIds: ['X2'] } };
    expect((await administrator.post(`${OFFICIALS}/${browser.name}/changes`, change)).status).toBe(200);
    expect((await browser.get(OFFICIALS)).json()).toMatchObject({ code: 'role_missing' });
    expect((await browser.get(SESSION)).json()).toMatchObject(change);
  });

  it('gives a temporary password that expires after 72 hours of the server’s clock', async () => {
    const { clock } = server;
    clock.stop();
    try {
      const until = clock.now() + TEMPORARY_PASSWORD_MS;
      const { official, temporaryPassword: password } = await add('for-three-days');
      expect(official.temporaryPasswordUntil).toBe(new Date(until).toISOString());
      clock.set(until - 1);
      expect((await trySignIn(server, { name: official.name, password })).status).toBe(200);
      clock.set(until);
      const late = await trySignIn(server, { name: official.name, password });
      expect(late.json()).toMatchObject({ code: 'temporary_password_expired' });
    } finally {
      clock.reset();
    }
  });

  it('gives another temporary password, which ends sessions and delays', async () => {
    const official = await addOfficial(server.superuser);
    const browser = await signIn(server, official);
    await tireOut(server.superuser, accountSubject(official.name));
    await trySignIn(server, { ...official, password: 'wrong' });
    expect((await trySignIn(server, official)).status).toBe(429);
    const delayed = (await administrator.get<OfficialRow>(`${OFFICIALS}/${official.name}`)).json();
    expect(Date.parse(delayed.delayedUntil ?? '')).toBeGreaterThan(Date.parse(delayed.createdAt));
    const reset = await administrator.post<OfficialWithPassword>(`${OFFICIALS}/${official.name}/password`, {});
    expect(reset.json().official).toMatchObject({ sessions: 0, delayedUntil: null });
    expect((await browser.get(SESSION)).status).toBe(401);
    const next = await signIn(server, { name: official.name, password: reset.json().temporaryPassword });
    expect(next.session.passwordChangeRequired).toBe(true);
  });

  it('ends all sessions of an account', async () => {
    const browser = await signIn(server);
    const ended = await administrator.call(`${OFFICIALS}/${browser.name}/sessions`, { method: 'DELETE' });
    expect(ended.status).toBe(200);
    expect((await browser.get(SESSION)).status).toBe(401);
  });

  it.each([
    ['/changes', { disabled: true }],
    ['/changes', { roles: ['administrator', 'supervisor'] }],
    ['/changes', { view: { kind: 'all' } }],
    ['/password', {}],
  ])('does not change the rights of the own account (%s %j)', async (path, body) => {
    const answer = await administrator.post(`${OFFICIALS}/${administrator.name}${path}`, body);
    expect([answer.status, answer.json()['code']]).toEqual([409, 'official_is_self']);
  });

  it('adds no name twice, in whatever case, and none twice at once', async () => {
    await add('twice');
    const again = await administrator.post(OFFICIALS, draft('TWICE'));
    expect([again.status, again.json()['code']]).toEqual([409, 'official_exists']);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => administrator.post(OFFICIALS, draft('six-at-once'))),
    );
    expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([
      201, 409, 409, 409, 409, 409,
    ]);
  });

  it.each(['nobody', '%01', "x'--", '..%2f..', 'constructor', 'x'.repeat(65)])('finds no %j', async (name) => {
    for (const answer of [
      await administrator.get(`${OFFICIALS}/${name}`),
      await administrator.post(`${OFFICIALS}/${name}/changes`, { disabled: true }),
      await administrator.post(`${OFFICIALS}/${name}/password`, {}),
      await administrator.call(`${OFFICIALS}/${name}/sessions`, { method: 'DELETE' }),
    ])
      expect([answer.status, answer.json()['code']]).toEqual([404, 'official_unknown']);
  });
});

describe('a draft', () => {
  it.each([
    ['/name', { name: 'a name with spaces' }],
    ['/name', { name: `x' OR '1'='1` }],
    ['/name', { name: '' }],
    ['/name', { name: 7 }],
    ['/fullName', { fullName: '' }],
    ['/fullName', { fullName: '   ' }],
    ['/fullName', { fullName: 'a\u0000b' }],
    ['/fullName', { fullName: 'line\nfeed' }],
    ['/fullName', { fullName: '\ud800' }],
    ['/fullName', { fullName: 'x'.repeat(201) }],
    ['/roles', { roles: [] }],
    ['/roles', { roles: ['god'] }],
    ['/roles', { roles: 'administrator' }],
    ['/roles', { roles: ['official', 'official'] }],
    ['/view', { view: null }],
    ['/view', { view: 'all' }],
    ['/view', { view: { kind: 'everything' } }],
    ['/view', { view: { kind: 'regions' } }],
    ['/view', { view: { kind: 'regions', regions: [] } }],
    ['/view', { view: { kind: 'regions', regions: ['north', 'north'] } }],
    ['/view', { view: { kind: 'regions', regions: [['north']] } }],
    ['/view', { view: { kind: 'all', regions: ['north'] } }],
    ['/view', { view: { kind: 'regions', regions: Array.from({ length: 1_001 }, String) } }],
    ['/password', { password: 'chosen by the administrator' }],
    ['/disabled', { disabled: false }],
  ])('is refused for its %s in %j', async (pointer, more) => {
    const answer = await administrator.post(OFFICIALS, draft('bad-draft', more));
    expect([answer.status, answer.json()]).toEqual([
      400,
      expect.objectContaining({
        code: 'invalid_request',
        errors: [{ pointer, detail: expect.any(String) as string }],
      }),
    ]);
  });

  it.each([
    [{ view: { kind: 'regions', regions: ['north', 'atlantis'] } }, '/view/regions', 'atlantis'],
    [{ view: { kind: 'taxpayers', taxpayerIds: [`X1'; --`] } }, '/view/taxpayerIds', `X1'; --`],
    [{ roles: ['administrator'], view: { kind: 'regions', regions: ['north'] } }, '/view', 'administrators'],
    [{ roles: ['official', 'supervisor'], view: { kind: 'taxpayers', taxpayerIds: ['X1'] } }, '/view', 'supervisors'],
  ])('is refused with a view that makes no sense: %j', async (more, pointer, word) => {
    const answer = await administrator.post(OFFICIALS, draft('bad-view', more));
    expect([answer.status, answer.json()]).toEqual([
      422,
      expect.objectContaining({
        code: 'view_not_allowed',
        errors: [{ pointer, detail: expect.stringContaining(word) as string }],
      }),
    ]);
    const browser = await signIn(server, { view: { kind: 'regions', regions: ['south'] } });
    const change = await administrator.post(`${OFFICIALS}/${browser.name}/changes`, more);
    expect(change.status).toBe(422);
    expect(browser.session.view).toEqual({ kind: 'regions', regions: ['south'] });
  });
});

describe('nobody else', () => {
  it.each(['official', 'operator', 'supervisor'] as const)('not the %s, sees or changes accounts', async (role) => {
    const browser = await signIn(server, { roles: [role] });
    const other = await addOfficial(server.superuser);
    const answers = [
      await browser.get(OFFICIALS),
      await browser.get(`${OFFICIALS}/${browser.name}`),
      await browser.post(OFFICIALS, draft('mine', { roles: ['administrator'] })),
      await browser.post(`${OFFICIALS}/${browser.name}/changes`, { roles: ['administrator'] }),
      await browser.post(`${OFFICIALS}/${browser.name}/changes`, { view: { kind: 'all' } }),
      await browser.post(`${OFFICIALS}/${other.name}/password`, {}),
      await browser.call(`${OFFICIALS}/${other.name}/sessions`, { method: 'DELETE' }),
    ];
    for (const answer of answers) expect([answer.status, answer.json()['code']]).toEqual([403, 'role_missing']);
    expect((await browser.get(SESSION)).json()).toMatchObject({ roles: [role] });
  });
});

it('signing in and being disabled at the same moment leaves no session open', async () => {
  for (let round = 0; round < 4; round += 1) {
    const official = await addOfficial(server.superuser);
    const [tries] = await Promise.all([
      Promise.all([trySignIn(server, official), trySignIn(server, official)]),
      administrator.post(`${OFFICIALS}/${official.name}/changes`, { disabled: true }),
    ]);
    expect(tries.filter(({ status }) => status !== 200 && status !== 401).map(({ text }) => text)).toEqual([]);
    const { rows } = await server.superuser.query('SELECT FROM official_session WHERE official_name = $1', [
      official.name,
    ]);
    expect(rows).toEqual([]);
  }
});
