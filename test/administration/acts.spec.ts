import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { problem, systemClock } from '@tax-control/protocol';
import { Acts } from '../../src/administration/act.js';
import { commandLine } from '../../src/administration/actor.js';
import { TerminalActs } from '../../src/administration/terminals.js';
import { run } from '../../src/commands/run.js';
import { readRecoveryLog } from '../../src/recovery-log/read-recovery-log.js';
import { NO_RECOVERY_LOG, openRecoveryLog, RecoveryLogUnavailable } from '../../src/recovery-log/recovery-log.js';
import { addTaxpayer } from '../../src/registry/shop-changes.js';
import { publishParameters } from '../issuance/office.js';
import { signIn, type TestBrowser } from '../support/officials.js';
import { testPool } from '../support/pool.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal } from '../support/terminals.js';

const DOORS = ['console', 'command'] as const;
type Door = (typeof DOORS)[number];

/** What somebody asks for at each door. */
interface Asked {
  readonly console: readonly [method: 'POST' | 'DELETE', path: string, body?: object];
  readonly command: readonly string[];
}

interface Entry {
  readonly action: string;
  readonly subject: string;
  readonly reason: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

const reason = 'asked for by the owner';
const ADDRESSES = ['https://localhost:8443'];

let ground: TestGround;
let server: TestServer;
let browser: TestBrowser;
let log: string;

beforeAll(async () => {
  log = await mkdtemp(join(tmpdir(), 'acts-spec-'));
  ground = await makeGround();
  await publishParameters(ground);
  server = await startTestServer({ ground, environment: { RECOVERY_LOG_DIRECTORY: log } });
  browser = await signIn(server, { roles: ['administrator'] });
  vi.stubEnv('DATABASE_URL', ground.database.operatorUrl);
  vi.stubEnv('KEYS_DIRECTORY', ground.keysDirectory);
  vi.stubEnv('RECOVERY_LOG_DIRECTORY', log);
  await sql(`INSERT INTO taxpayer (taxpayer_id, name) VALUES ('owner', 'Owner')`);
  await sql(`INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
             VALUES ('shop', 'owner', 'Shop', 'North', 'retail', 'Road 1')`);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  await ground.clear();
  await rm(log, { recursive: true, force: true });
});

async function sql(text: string, ...values: unknown[]): Promise<Entry[]> {
  return (await ground.superuser.query<Entry>(text, values)).rows;
}

/** Asks at a door; whether it was done. */
async function ask(door: Door, asked: Asked): Promise<boolean> {
  if (door === 'console') {
    const [method, path, body] = asked.console;
    const { status } = await browser.call(`/v1/console/${path}`, { method, ...(body !== undefined && { body }) });
    return status < 300;
  }
  return (await run(asked.command, { out: () => undefined, error: () => undefined }, systemClock)) === 0;
}

async function done(door: Door, asked: Asked): Promise<void> {
  expect(await ask(door, asked)).toBe(true);
}

/** What the audit trail has since some work began, without what tells the doors and the moments apart. */
async function recorded(door: Door, work: () => Promise<void>): Promise<Entry[]> {
  const [last] = await sql('SELECT coalesce(max(trail_id), 0)::text AS subject FROM audit_trail');
  await work();
  const rows = await sql(
    `SELECT action, subject, reason, facts - 'command' AS facts FROM audit_trail
     WHERE trail_id > $1 AND action !~ '^session' ORDER BY trail_id`,
    last?.subject,
  );
  const alike = JSON.stringify(rows)
    .replaceAll(`by-${door}`, 'by-somebody')
    .replaceAll(/\d{4}-\d\d-\d\dT[0-9:.]+Z/g, 'TIME')
    .replaceAll(/"version":\d+/g, '"version":0')
    .replaceAll(/"subject":"\d+"/g, '"subject":"VERSION"')
    .replaceAll(/"[A-Za-z0-9_-]{43}"/g, '"THUMBPRINT"');
  return JSON.parse(alike) as Entry[];
}

/** Kinds of the entries of a terminal, sorted. */
async function logged(terminalId: string): Promise<string[]> {
  const { entries } = await readRecoveryLog(log);
  return entries
    .filter((entry) => 'terminalId' in entry && entry.terminalId === terminalId)
    .map(({ kind }) => kind)
    .toSorted((one, other) => one.localeCompare(other));
}

const place = (name: string) => ({ name, region: 'South', activity: 'books', address: 'Lane-2' });
const placeOptions = (name: string) => `--name ${name} --region South --activity books --address Lane-2`.split(' ');

const settings = {
  threshold: 7,
  timeZone: 'Europe/Lisbon',
  premisesTimeZones: { shop: 'Atlantic/Azores' },
  cashRoundingMax: { CHF: 9 },
  offlineLimits: { hoursMax: 9 },
};

/** Each act at both doors, with what it concerns named after the door, and with what is to be on record of it. */
const ACTS: readonly (readonly [string, (id: string) => Asked, (id: string) => object])[] = [
  [
    'taxpayer.added',
    (id) => ({
      console: ['POST', 'taxpayers', { taxpayerId: id, name: 'Books & Sons' }],
      command: ['taxpayer', 'add', id, '--name', 'Books & Sons'],
    }),
    () => ({ name: 'Books & Sons' }),
  ],
  [
    'taxpayer.changed',
    (id) => ({
      console: ['POST', `taxpayers/${id}/changes`, { name: 'Books Ltd' }],
      command: ['taxpayer', 'rename', id, '--name', 'Books Ltd'],
    }),
    () => ({ name: 'Books Ltd' }),
  ],
  [
    'premises.added',
    (id) => ({
      console: ['POST', 'premises', { premisesId: id, taxpayerId: id, ...place('Books') }],
      command: ['premises', 'add', id, '--taxpayer', id, ...placeOptions('Books')],
    }),
    (id) => ({ taxpayerId: id, ...place('Books') }),
  ],
  [
    'premises.changed',
    (id) => ({
      console: ['POST', `premises/${id}/changes`, place('Old books')],
      command: ['premises', 'correct', id, '--name', 'Old books'],
    }),
    () => place('Old books'),
  ],
  [
    'parameters.published',
    () => ({
      console: ['POST', 'parameters', settings],
      command: (
        'parameters set --threshold 7 --time-zone Europe/Lisbon --premises-time-zone shop=Atlantic/Azores ' +
        '--cash-rounding-max CHF=9 --offline-hours 9'
      ).split(' '),
    }),
    () => ({ changes: settings }),
  ],
  [
    'tax_rate.added',
    (id) => ({
      console: ['POST', 'tax-rates', { category: id, rate: '3', from: '2999-01-01', until: null, levy: 'taxed' }],
      command: ['tax-rate', 'add', id, '--rate', '3', '--from', '2999-01-01', '--levy', 'taxed'],
    }),
    (id) => ({
      taxRate: { category: id, rate: '3', from: '2999-01-01', until: null, levy: 'taxed' },
      ended: { category: id, rate: '2', from: '2000-01-01', until: '2998-12-31' },
      version: 0,
    }),
  ],
  [
    'tax_rate.removed',
    (id) => ({
      console: ['POST', 'tax-rates/removals', { category: id, from: '2999-01-01' }],
      command: ['tax-rate', 'remove', id, '--from', '2999-01-01'],
    }),
    (id) => ({
      taxRate: { category: id, rate: '3', from: '2999-01-01', until: null, levy: 'taxed' },
      reopened: { category: id, rate: '2', from: '2000-01-01', until: null },
      version: 0,
    }),
  ],
  [
    'terminal.registered',
    (id) => ({
      console: ['POST', 'terminals', { terminalId: `new-${id}`, premisesId: 'shop' }],
      command: ['terminal', 'register', `new-${id}`, '--premises', 'shop'],
    }),
    () => ({ premisesId: 'shop', source: null }),
  ],
  [
    'terminal.invited',
    (id) => ({
      console: ['POST', `terminals/${id}/invitations`, { reason }],
      command: ['terminal', 'invite', id],
    }),
    () => ({ expiresAt: 'TIME' }),
  ],
  [
    'certificate.revoked',
    (id) => ({
      console: ['POST', `terminals/${id}/certificates/${thumbprints.get(id)}/revocations`, { reason }],
      command: ['terminal', 'revoke-certificate', id, thumbprints.get(id) ?? '', '--reason', reason],
    }),
    () => ({ thumbprint: 'THUMBPRINT', revoked: ['THUMBPRINT'] }),
  ],
  [
    'terminal.excused',
    (id) => ({
      console: ['POST', `terminals/${id}/excuses`, { reason }],
      command: ['terminal', 'excuse', id, '--reason', reason],
    }),
    () => ({}),
  ],
  [
    'terminal.status_changed',
    (id) => ({
      console: ['POST', `terminals/${id}/status`, { status: 'suspended', reason }],
      command: ['terminal', 'suspend', id, '--reason', reason],
    }),
    () => ({ from: 'active', to: 'suspended' }),
  ],
  [
    'official.added',
    (id) => ({
      console: ['POST', 'officials', { name: id, fullName: 'Ada', roles: ['official'], view: { kind: 'all' } }],
      command: ['official', 'add', id, '--full-name', 'Ada', '--role', 'official'],
    }),
    () => ({ roles: ['official'], view: { kind: 'all' } }),
  ],
  [
    'official.disabled',
    (id) => ({
      console: ['POST', `officials/${id}/changes`, { disabled: true }],
      command: ['official', 'disable', id],
    }),
    () => ({ sessions: 0 }),
  ],
  [
    'official.enabled',
    (id) => ({
      console: ['POST', `officials/${id}/changes`, { disabled: false }],
      command: ['official', 'disable', id, '--undo'],
    }),
    () => ({}),
  ],
  [
    'official.reset',
    (id) => ({ console: ['POST', `officials/${id}/password`, {}], command: ['official', 'reset-password', id] }),
    () => ({ sessions: 0 }),
  ],
  [
    'official.sessions_ended',
    (id) => ({ console: ['DELETE', `officials/${id}/sessions`], command: ['official', 'end-sessions', id] }),
    () => ({ sessions: 0 }),
  ],
];

/** By terminal. */
const thumbprints = new Map<string, string>();

/** What acts that repeat themselves record again: there is always something new, or it is asked of sessions that may have begun. */
const REPEATABLE = ['terminal.invited', 'official.reset', 'official.sessions_ended'];

describe('the audit trail', () => {
  beforeAll(async () => {
    for (const door of DOORS) {
      const id = `by-${door}`;
      const { thumbprint } = await makeTerminal(ground, { terminalId: id, taxpayerId: 'owner', premisesId: 'shop' });
      thumbprints.set(id, thumbprint);
      await sql('INSERT INTO tax_rate (category, rate, valid_from) VALUES ($1, 2, $2)', id, '2000-01-01');
    }
    await sql(`SELECT move_numbers_on('other_cluster', NULL, NULL, false)`);
  });

  it.each(ACTS)('has the same of %s by either door', async (action, asked, facts) => {
    const entries = new Map<Door, Entry[]>();
    for (const door of DOORS) {
      const id = `by-${door}`;
      entries.set(door, await recorded(door, () => done(door, asked(id))));
      const again = await recorded(door, () => ask(door, asked(id)).then(() => undefined));
      expect(again.map((entry) => entry.action)).toEqual(REPEATABLE.includes(action) ? [action] : []);
      if (action === 'parameters.published') await done('console', { console: BEFORE, command: [] });
    }
    const plain = (door: Door) => entries.get(door)!.map((one) => ({ ...one, reason: null }));
    expect(plain('command')).toEqual(plain('console'));
    expect(entries.get('console')![0]).toMatchObject({ action, facts: facts('by-somebody') });
  });
});

/** The settings as {@link ACTS} found them. */
const BEFORE: Asked['console'] = [
  'POST',
  'parameters',
  {
    threshold: 50,
    timeZone: null,
    premisesTimeZones: {},
    cashRoundingMax: {},
    offlineLimits: { hoursMax: 72 },
    addresses: ADDRESSES,
  },
];

describe('the recovery log', () => {
  it.each(DOORS)('has nothing of a registration that was rolled back: %s', async (door) => {
    const terminalId = `lost-${door}`;
    // The last statement of the act fails.
    await sql(`CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN RAISE EXCEPTION 'refused by the test' USING ERRCODE = 'check_violation'; END $$`);
    await sql(`CREATE TRIGGER refuse BEFORE INSERT ON audit_trail FOR EACH ROW
                 WHEN (NEW.action = 'terminal.invited') EXECUTE FUNCTION refuse()`);
    const asked: Asked = {
      console: ['POST', 'terminals', { terminalId, premisesId: 'shop' }],
      command: ['terminal', 'register', terminalId, '--premises', 'shop'],
    };
    expect(await ask(door, asked)).toBe(false);
    await sql('DROP TRIGGER refuse ON audit_trail');
    expect(await sql('SELECT FROM terminal WHERE terminal_id = $1', terminalId)).toEqual([]);
    expect(await logged(terminalId)).toEqual([]);
    await done(door, asked);
    expect(await logged(terminalId)).toEqual(['invitation_made', 'terminal_registered']);
  });

  it.each(DOORS)('has the withdrawn invitations of a terminal that was revoked: %s', async (door) => {
    const { terminalId } = await makeTerminal(ground, { taxpayerId: 'owner', premisesId: 'shop' });
    const asked: Asked = {
      console: ['POST', `terminals/${terminalId}/status`, { status: 'revoked', reason }],
      command: ['terminal', 'revoke', terminalId, '--reason', reason],
    };
    await done(door, asked);
    await done(door, asked);
    expect(await logged(terminalId)).toEqual(['invitations_withdrawn', 'terminal_status']);
  });

  it('has nothing of invitations that could not be handed over', async () => {
    const recoveryLog = openRecoveryLog(log, systemClock.now());
    const pool = testPool({ connectionString: ground.database.operatorUrl });
    const acts = new TerminalActs(new Acts(pool, recoveryLog), systemClock);
    const actor = await commandLine(pool);
    const order = { addresses: ADDRESSES, caDigest: 'A'.repeat(43), validDays: 7 };
    const handOver = () => Promise.reject(new Error('no room'));
    const places = [{ terminalId: 'full', premisesId: 'shop' }];
    await expect(acts.register(actor, places, 'full.csv', { ...order, handOver })).rejects.toThrow('no room');
    await expect(
      acts.inviteMany(
        actor,
        { which: 'all', taxpayerId: null, premisesId: null, region: null },
        { ...order, handOver },
      ),
    ).rejects.toThrow('no room');
    expect(await logged('full')).toEqual([]);
    expect(await sql(`SELECT FROM terminal WHERE terminal_id = 'full'`)).toEqual([]);
    await pool.end();
  });

  it('that cannot be written lets nothing be done', async () => {
    const pool = testPool({ connectionString: ground.database.operatorUrl });
    const full = { append: () => Promise.reject(new RecoveryLogUnavailable(log, new Error('disk full'))) };
    const acts = new TerminalActs(new Acts(pool, full), systemClock);
    const { terminalId } = await makeTerminal(ground, { taxpayerId: 'owner', premisesId: 'shop' });
    const suspended = acts.setStatus(await commandLine(pool), terminalId, 'suspended', reason);
    await expect(suspended).rejects.toThrow(RecoveryLogUnavailable);
    const rows = await sql('SELECT status AS subject FROM terminal WHERE terminal_id = $1', terminalId);
    expect(rows).toEqual([{ subject: 'active' }]);
    expect(await sql('SELECT FROM audit_trail WHERE subject = $1', terminalId)).toEqual([]);
    await pool.end();
  });
});

it('records the status that a change found, also if another change came first while it waited', async () => {
  const { terminalId } = await makeTerminal(ground, { taxpayerId: 'owner', premisesId: 'shop' });
  const other = await ground.superuser.connect();
  await other.query('BEGIN');
  await other.query(`UPDATE terminal SET status = 'suspended' WHERE terminal_id = $1`, [terminalId]);
  const revoked = browser.post(`/v1/console/terminals/${terminalId}/status`, { status: 'revoked', reason });
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await expect.poll(async () => (await sql(waiting)).length).toBe(1);
  await other.query('COMMIT');
  other.release();
  expect((await revoked).status).toBe(200);
  const [entry] = await sql('SELECT facts FROM audit_trail WHERE subject = $1', terminalId);
  expect(entry?.facts).toEqual({ from: 'suspended', to: 'revoked' });
});

it('rolls back what an act had changed before it was refused', async () => {
  const pool = testPool({ connectionString: ground.database.operatorUrl });
  const acts = new Acts(pool, NO_RECOVERY_LOG);
  const refused = await acts.perform(await commandLine(pool), async (client) => {
    await addTaxpayer(client, { taxpayerId: 'half', name: 'Half' });
    return problem('exists_already');
  });
  expect(refused).toMatchObject({ code: 'exists_already' });
  expect(await sql(`SELECT FROM taxpayer WHERE taxpayer_id = 'half'`)).toEqual([]);
  await pool.end();
});
