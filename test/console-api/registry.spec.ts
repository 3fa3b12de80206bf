import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeInvitation } from '@tax-control/protocol';
import type {
  InvitationShown,
  Page,
  ParametersHistory,
  PremisesRow,
  TerminalPage,
  TerminalRow,
  TimelineItem,
} from '@tax-control/protocol/console';
import { KeptTables } from '../../src/log-analytics/kept/kept-tables.js';
import type { Till } from '../issuance/office.js';
import { signIn, type TestBrowser } from '../support/officials.js';
import { call } from '../support/client.js';
import { aroundNow, type ConsoleGround, openConsoleGround, trailOf } from './ground.js';

const reason = 'asked for by the owner';
const API = '/v1/console';

let ground: ConsoleGround;
let till: Till;
let operator: TestBrowser;
let official: TestBrowser;
let regional: TestBrowser;

beforeAll(async () => {
  ground = await openConsoleGround();
  till = await ground.till({ taxpayerId: 'chain-1', region: 'North' });
  await ground.till({ taxpayerId: 'chain-2', region: 'South', terminalId: 'south-till' });
  operator = await signIn(ground.server, { roles: ['operator'] });
  official = await signIn(ground.server);
  regional = await signIn(ground.server, { roles: ['operator'], view: { kind: 'regions', regions: ['South'] } });
});
afterAll(() => ground.close());

const PREMISES = {
  premisesId: 'p-new',
  taxpayerId: 't-new',
  name: 'New shop',
  region: 'East',
  activity: 'Books',
  address: 'Lane 2',
};

describe('registering', () => {
  it('takes a taxpayer, premises and a terminal, whose invitation is shown once', async () => {
    expect((await operator.post(`${API}/taxpayers`, { taxpayerId: 't-new', name: 'New & Sons' })).status).toBe(201);
    expect((await operator.post(`${API}/premises`, PREMISES)).status).toBe(201);
    const answer = await operator.post<InvitationShown>(`${API}/terminals`, {
      terminalId: 'new-1',
      premisesId: 'p-new',
    });
    expect(answer.status).toBe(201);
    const { invitation } = answer.json();
    const read = decodeInvitation(invitation);
    expect(read).toMatchObject({
      ok: true,
      invitation: { terminalId: 'new-1', addresses: ['https://localhost:8443'] },
    });
    const page = (await operator.get<TerminalPage>(`${API}/terminals/new-1`)).json();
    expect(page).toMatchObject({
      status: 'active',
      certificates: [],
      openInvitation: { wrongTries: 0, lastWrongTryAt: null },
    });
    expect(JSON.stringify(page)).not.toContain(invitation);
    const { rows } = await ground.ground.superuser.query('SELECT * FROM audit_trail');
    expect(JSON.stringify(rows)).not.toContain(invitation);
    expect(JSON.stringify(ground.server.logLines)).not.toContain(invitation);
    expect((await trailOf(ground.ground, operator.name)).slice(0, 4)).toEqual([
      ['taxpayer.added', 't-new', null],
      ['premises.added', 'p-new', null],
      ['terminal.registered', 'new-1', null],
      ['terminal.invited', 'new-1', null],
    ]);
  });

  it.each([
    ['taxpayers', { taxpayerId: 'chain-1', name: 'again' }, 409, 'exists_already'],
    ['premises', { ...PREMISES, premisesId: 'p-2', taxpayerId: 'nobody' }, 409, 'taxpayer_unknown'],
    ['terminals', { terminalId: 'south-till', premisesId: 'p-new' }, 409, 'exists_already'],
    ['terminals', { terminalId: 'x-1', premisesId: 'nowhere' }, 409, 'premises_unknown'],
    ['terminals', { terminalId: '../x', premisesId: 'p-new' }, 400, 'invalid_request'],
    ['taxpayers', { taxpayerId: 't-3', name: 'a\u0000b' }, 400, 'invalid_request'],
    ['taxpayers', { taxpayerId: 't-3', name: 3 }, 400, 'invalid_request'],
    ['tax-rates', { category: 'standard', rate: '1e2', from: '2999-01-01', until: null }, 400, 'invalid_request'],
    ['tax-rates', { category: 'standard', rate: '20', from: '2999-02-30', until: null }, 400, 'invalid_request'],
    ['tax-rates', { category: 'city', rate: '3', from: '2999-01-01', levy: 'half' }, 400, 'invalid_request'],
    [
      'tax-rates',
      { category: 'standard', rate: '21', from: '2999-02-01', until: '2999-01-01' },
      400,
      'period_backwards',
    ],
    ['tax-rates', { category: 'standard', rate: '21', from: '2000-01-01', until: null }, 409, 'rate_in_the_way'],
    ['tax-rates/removals', { category: 'standard', from: '2000-01-01' }, 409, 'rate_in_force'],
    ['parameters', { threshold: 0 }, 400, 'invalid_request'],
    ['parameters', { offlineLimits: { hoursMax: 'x', days: 1 } }, 400, 'invalid_request'],
    ['parameters', { addresses: ['http://plain'] }, 400, 'invalid_request'],
  ])('refuses at %s: %j', async (path, body, status, code) => {
    const answer = await operator.post(`${API}/${path}`, body);
    expect([answer.status, answer.json()['code']]).toEqual([status, code]);
  });

  it.each([
    ['taxpayers', { taxpayerId: 't-4', name: 'x' }],
    ['premises', PREMISES],
    ['terminals', { terminalId: 'new-2', premisesId: 'p-new' }],
    ['terminals/south-till/status', { status: 'suspended', reason }],
    ['terminals/south-till/invitations', { reason }],
    ['parameters', { threshold: 5 }],
    ['tax-rates', { category: 'luxury', rate: '30', from: '2999-01-01', until: null }],
  ])('is not for an official who only reads: %s', async (path, body) => {
    const answer = await official.post(`${API}/${path}`, body);
    expect([answer.status, answer.json()['code']]).toEqual([403, 'role_missing']);
  });

  it('stays within the view of an operator', async () => {
    const codes = await Promise.all(
      [
        ['taxpayers', { taxpayerId: 't-5', name: 'x' }],
        ['premises', { ...PREMISES, premisesId: 'p-5' }],
        ['terminals', { terminalId: 'new-5', premisesId: till.terminal.premisesId }],
        [`terminals/${till.terminalId}/status`, { status: 'suspended', reason }],
        [`terminals/${till.terminalId}/invitations`, { reason }],
        [`premises/${till.terminal.premisesId}/changes`, { name: 'a', region: 'South', activity: 'b', address: 'c' }],
        ['parameters', { threshold: 5 }],
        ['tax-rates', { category: 'luxury', rate: '30', from: '2999-01-01', until: null }],
      ].map(async ([path, body]) => (await regional.post(`${API}/${path as string}`, body as object)).json()['code']),
    );
    expect(codes).toEqual([
      'view_too_narrow',
      'view_too_narrow',
      'premises_unknown',
      'not_on_file',
      'not_on_file',
      'not_on_file',
      'view_too_narrow',
      'view_too_narrow',
    ]);
    const settled = await regional.post(`${API}/premises`, { ...PREMISES, premisesId: 'p-6', region: 'South' });
    expect(settled.status).toBe(201);
  });
});

describe('a terminal', () => {
  it('is suspended, resumed and revoked for ever, and tills feel it', async () => {
    const seller = await ground.till({ taxpayerId: 'chain-3' });
    const set = async (status: string) =>
      (await operator.post(`${API}/terminals/${seller.terminalId}/status`, { status, reason })).status;
    expect(await set('suspended')).toBe(200);
    await expect.poll(() => ground.send(seller, seller.sign().jws)).toBe(403);
    expect(await set('active')).toBe(200);
    await expect.poll(() => ground.send(seller, seller.sign().jws)).toBe(200);
    expect(await set('revoked')).toBe(200);
    expect(await set('active')).toBe(409);
    const invited = await operator.post(`${API}/terminals/${seller.terminalId}/invitations`, { reason });
    expect(invited.json()['code']).toBe('status_change_not_allowed');
    const timeline = await operator.get<Page<TimelineItem>>(
      `${API}/terminals/${seller.terminalId}/timeline?${new URLSearchParams(aroundNow()).toString()}`,
    );
    expect(timeline.json().items).toContainEqual(
      expect.objectContaining({ kind: 'status', status: 'revoked', reason }),
    );
    expect(timeline.json().items).toContainEqual(expect.objectContaining({ kind: 'registered' }));
  });

  it('shows its certificate, journal, software and the parameters it has', async () => {
    await ground.sell(till, {
      software: { name: 'ShopSoft', version: '7.1' },
      clockOffsetMs: 250,
      clockOffsetAgeSeconds: 60,
    });
    await call(ground.server, '/v1/parameters', { terminal: till.terminal });
    await ground.server.running.application.get(KeptTables).catchUp();
    const page = (await official.get<TerminalPage>(`${API}/terminals/${till.terminalId}`)).json();
    expect(page).toMatchObject({
      terminalId: till.terminalId,
      region: 'North',
      software: { name: 'ShopSoft', version: '7.1' },
      clock: { offsetMs: 250, ageSeconds: 60 },
      certificates: [{ thumbprint: till.terminal.thumbprint }],
      journals: [{ journalId: till.journalId, firstCounter: 1, lastCounter: 1, invoices: 1 }],
      fetchedParameters: { version: page.parametersVersion },
    });
    const revoked = await operator.post(
      `${API}/terminals/${till.terminalId}/certificates/${till.terminal.thumbprint}/revocations`,
      { reason },
    );
    expect(revoked.status).toBe(200);
    expect((await official.get(`${API}/terminals/${till.terminalId}?format=csv&table=certificates`)).text).toContain(
      reason,
    );
    const unknown = await official.get(`${API}/terminals/${till.terminalId}?format=csv&table=secrets`);
    expect(unknown.json()['code']).toBe('table_unknown');
  });

  it('outside of the view is not there', async () => {
    for (const path of [
      `terminals/${till.terminalId}`,
      `terminals/${till.terminalId}/timeline?${new URLSearchParams(aroundNow()).toString()}`,
    ])
      expect((await regional.get(`${API}/${path}`)).json()['code']).toBe('not_on_file');
  });
});

describe('lists', () => {
  it.each(['regions', 'taxpayers', 'premises', 'terminals'])('of %s have nothing outside of the view', async (list) => {
    const all = (await official.get<Page<unknown>>(`${API}/${list}`)).text;
    const some = (await regional.get<Page<unknown>>(`${API}/${list}`)).text;
    expect(all).toMatch(/North|chain-1/);
    expect(some).toMatch(/South|chain-2/);
    expect(some).not.toMatch(/North|East|chain-[13]|"premises":[^12]|p-new/);
  });

  it('are narrowed by text, place and status', async () => {
    const ids = async (query: string): Promise<string[]> =>
      (await official.get<Page<TerminalRow>>(`${API}/terminals?${query}`))
        .json()
        .items.map(({ terminalId }) => terminalId);
    expect(await ids('text=SOUTH-')).toEqual(['south-till']);
    expect(await ids('text=%25')).toEqual([]);
    expect(await ids('region=South&region=Nowhere')).toEqual(['south-till']);
    expect(await ids('taxpayerId=chain-2&status=suspended')).toEqual([]);
    expect(await ids(`text=${encodeURIComponent(`' OR '1'='1`)}`)).toEqual([]);
  });

  it('come as CSV', async () => {
    const answer = await official.get(`${API}/premises?format=csv&region=South`);
    const rows = parse(answer.text, { columns: true, bom: true, record_delimiter: '\r\n' }) as PremisesRow[];
    expect(rows.map(({ region }) => region)).toContain('South');
    expect(await trailOf(ground.ground, official.name)).toContainEqual(['csv.exported', 'premises', null]);
  });

  it.each([
    'page=0',
    'page=1e3',
    'page=0x10',
    'page=1000000000',
    'pageSize=201',
    'page=1&page=2',
    'unknown=1',
    'text=',
    'status=open',
    'format=xml',
  ])('refuse %s', async (query) => expect((await official.get(`${API}/terminals?${query}`)).status).toBe(400));

  it.each([
    [{ from: aroundNow().to, to: aroundNow().from }, 'period_backwards'],
    [{ ...aroundNow(), zone: 'Mars/Phobos' }, 'zone_unknown'],
    [{ ...aroundNow(), zone: `x' OR 1=1` }, 'invalid_request'],
    [{ from: '1900-01-01T00:00:00Z', to: '2400-01-01T00:00:00Z' }, 'period_too_long'],
    [{ from: '2020-01-01T00:00:00Z', to: '2029-01-01T00:00:00Z', step: 'hour' }, 'too_many_steps'],
    [{ from: '2020-02-30T00:00:00Z', to: '2029-01-01T00:00:00Z' }, 'invalid_request'],
    [{ to: '2029-01-01T00:00:00Z' }, 'invalid_request'],
  ])('of a period refuse %j', async (query, code) => {
    const answer = await official.get(`${API}/refused-invoices?${new URLSearchParams(query).toString()}`);
    expect([answer.status, answer.json()['code']]).toEqual([400, code]);
  });
});

describe('what all tills are told', () => {
  it('is published as a new version, of which only what was named changes', async () => {
    const before = (await official.get<ParametersHistory>(`${API}/parameters`)).json().current!;
    const changed = await operator.post(`${API}/parameters`, { threshold: 7, offlineLimits: { hoursMax: 9 } });
    expect(changed.status).toBe(201);
    const { current, versions } = (await official.get<ParametersHistory>(`${API}/parameters`)).json();
    expect(current!.settings).toEqual({
      ...before.settings,
      threshold: 7,
      offlineLimits: { ...before.settings.offlineLimits, hoursMax: 9 },
    });
    expect(versions.map(({ version }) => version).slice(0, 2)).toEqual([before.version + 1, before.version]);
  });

  it.each<[string, (present: NonNullable<ParametersHistory['current']>) => object]>([
    ['nothing', () => ({})],
    ['the same threshold', ({ settings }) => ({ threshold: settings.threshold })],
    ['the same addresses', ({ settings }) => ({ addresses: settings.addresses })],
    ['all that there is', ({ settings }) => settings],
    ['no limit', () => ({ offlineLimits: {} })],
  ])('is not published anew for %s', async (_, make) => {
    const before = (await official.get<ParametersHistory>(`${API}/parameters`)).json().current!;
    const count = async () =>
      (await trailOf(ground.ground, operator.name)).filter(([action]) => action === 'parameters.published').length;
    const recorded = await count();
    const answer = await operator.post(`${API}/parameters`, make(before));
    expect([answer.status, answer.json()]).toEqual([201, before]);
    expect((await official.get<ParametersHistory>(`${API}/parameters`)).json().current).toEqual(before);
    expect(await count()).toBe(recorded);
  });

  it('has the zones of the premises and what cash is rounded by, and records what is new of them', async () => {
    const [north, south] = await Promise.all(
      [official, regional].map(async (one) => (await one.get<Page<PremisesRow>>(`${API}/premises`)).json().items),
    );
    const [here, there] = [north!.find(({ taxpayerId }) => taxpayerId === 'chain-1')!, south![0]!];
    const before = (await official.get<ParametersHistory>(`${API}/parameters`)).json().current!.settings;
    expect([here.timeZone, before.timeZone, before.premisesTimeZones]).toEqual([null, null, {}]);
    const premisesTimeZones = { [here.premisesId]: 'Atlantic/Azores', [there.premisesId]: 'Asia/Macau' };
    const zones = { timeZone: 'Europe/Lisbon', premisesTimeZones };
    const settings = { ...before, ...zones, cashRoundingMax: { CHF: 9 } };
    expect((await operator.post(`${API}/parameters`, settings)).status).toBe(201);
    const seen = (await official.get<ParametersHistory>(`${API}/parameters`)).json();
    expect(seen.current!.settings).toEqual(settings);
    expect(seen.versions[0]!.settings).toMatchObject({ timeZone: 'Europe/Lisbon', premisesInOtherZones: 2 });
    const { rows } = await ground.ground.superuser.query<{ facts: { changes: object } }>(
      `SELECT facts FROM audit_trail WHERE action = 'parameters.published' ORDER BY trail_id DESC LIMIT 1`,
    );
    expect(rows[0]!.facts.changes).toEqual({ ...zones, cashRoundingMax: { CHF: 9 } });
    const zoneOf = async (premisesId: string) =>
      (await official.get<Page<PremisesRow>>(`${API}/premises`))
        .json()
        .items.find((row) => row.premisesId === premisesId)?.timeZone;
    expect([await zoneOf(here.premisesId), await zoneOf('p-new')]).toEqual(['Atlantic/Azores', 'Europe/Lisbon']);
    const inView = (await regional.get<ParametersHistory>(`${API}/parameters`)).json().current!.settings;
    expect(inView.premisesTimeZones).toEqual({ [there.premisesId]: 'Asia/Macau' });
    await operator.post(`${API}/parameters`, { timeZone: null, premisesTimeZones: {}, cashRoundingMax: {} });
    expect((await official.get<ParametersHistory>(`${API}/parameters`)).json().current!.settings).toEqual(before);
  });

  it.each<[string, object, string, RegExp]>([
    ['a zone that is unknown', { timeZone: 'Mars/Olympus' }, '/timeZone', /IANA/],
    ['an offset', { timeZone: '+03:00' }, '/timeZone', /IANA/],
    [
      'premises without a zone of all others',
      { premisesTimeZones: { 'p-new': 'Asia/Macau' } },
      '/premisesTimeZones',
      /all other premises/,
    ],
    [
      'premises that are not registered',
      {
        timeZone: 'Europe/Lisbon',
        premisesTimeZones: { 'p-9': 'Asia/Macau', 'p-new': 'Asia/Macau', 'p-8': 'Asia/Macau' },
      },
      '/premisesTimeZones',
      /: p-8, p-9$/,
    ],
    ['a list of zones', { timeZone: 'Europe/Lisbon', premisesTimeZones: ['Asia/Macau'] }, '/premisesTimeZones', /./],
    ['no zones at all', { premisesTimeZones: 'Asia/Macau' }, '/premisesTimeZones', /./],
    ['a rounding that is no sum', { cashRoundingMax: { CHF: '4' } }, '/cashRoundingMax', /CHF=4/],
    ['a rounding of no currency', { cashRoundingMax: { chf: 4 } }, '/cashRoundingMax', /CHF=4/],
  ])('is not published with %s', async (_, body, pointer, detail) => {
    const answer = await operator.post<{ errors: { pointer: string; detail: string }[] }>(`${API}/parameters`, body);
    expect(answer.status).toBe(400);
    const [fault] = answer.json().errors;
    expect(fault).toEqual({ pointer, detail: expect.stringMatching(detail) as string });
  });

  it('records no act that changes nothing', async () => {
    const recorded = (await trailOf(ground.ground, operator.name)).length;
    const { premisesId, taxpayerId, ...rest } = { ...PREMISES };
    for (const [path, body] of [
      [`taxpayers/${taxpayerId}/changes`, { name: 'New Shop Ltd' }],
      [`taxpayers/${taxpayerId}/changes`, { name: 'New Shop Ltd' }],
      [`premises/${premisesId}/changes`, rest],
      [`premises/${premisesId}/changes`, rest],
    ] as const)
      expect([200, 201]).toContain((await operator.post(`${API}/${path}`, body)).status);
    for (let time = 0; time < 2; time += 1)
      await operator.post(`${API}/terminals/new-1/status`, { status: 'active', reason });
    const since = (await trailOf(ground.ground, operator.name)).slice(recorded).map(([action]) => action);
    expect(since.filter((action) => action === 'terminal.status_changed')).toEqual([]);
    expect(since.filter((action) => action === 'taxpayer.changed').length).toBeLessThanOrEqual(1);
    expect(since.filter((action) => action === 'premises.changed').length).toBeLessThanOrEqual(1);
  });

  it('has levies, and says of each whether it is taxed', async () => {
    const rate = { category: 'city', rate: '3', from: '2999-01-01', until: null, levy: 'untaxed' };
    expect((await operator.post(`${API}/tax-rates`, rate)).json()).toEqual(rate);
    const listed = (await official.get<object[]>(`${API}/tax-rates`)).json();
    expect(listed).toContainEqual(expect.objectContaining(rate));
    const [, row] = (await official.get(`${API}/tax-rates?format=csv`)).text.split('\r\n');
    expect(row).toContain('city,3,2999-01-01,,untaxed');
    await operator.post(`${API}/tax-rates/removals`, { category: 'city', from: '2999-01-01' });
  });

  it('has rates that can be taken back before they hold', async () => {
    const rate = { category: 'luxury', rate: '33', from: '2999-01-01', until: null };
    expect((await operator.post(`${API}/tax-rates`, rate)).json()).toEqual(rate);
    const listed = (await official.get<{ category: string; removable: boolean }[]>(`${API}/tax-rates`)).json();
    expect(listed.filter(({ removable }) => removable).map(({ category }) => category)).toEqual(['luxury']);
    expect((await operator.post(`${API}/tax-rates/removals`, { category: 'luxury', from: '2999-01-01' })).status).toBe(
      200,
    );
    expect((await official.get(`${API}/tax-rates`)).text).not.toContain('luxury');
  });
});
