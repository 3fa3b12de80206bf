import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeInvitation, readParameters } from '@tax-control/protocol';
import { createTestDatabase, queryOnce, type TestDatabase } from './support/database.js';

const MAIN = fileURLToPath(new URL('../dist/src/commands/main.js', import.meta.url));

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

let directory: string;
let keys: string;
let database: TestDatabase;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'commands-spec-'));
  keys = join(directory, 'keys');
  database = await createTestDatabase();
  await json('keys', 'init', '--directory', keys, '--host', 'localhost', '--environment', 'test');
  return async () => {
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  };
});

/** Runs the command as an operator does: a process of its own, with settings in its environment. */
function command(...commandLine: string[]): Promise<Ran> {
  return commandIn({ DATABASE_URL: database.operatorUrl, KEYS_DIRECTORY: keys }, ...commandLine);
}

function commandIn(environment: Readonly<Record<string, string>>, ...commandLine: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN, ...commandLine], { env: environment }, (_, out, error) =>
      resolve({ status: child.exitCode ?? -1, out, error }),
    );
  });
}

async function json<Result>(...commandLine: string[]): Promise<Result> {
  const ran = await command(...commandLine, '--json');
  expect(ran).toMatchObject({ status: 0, error: '' });
  return JSON.parse(ran.out) as Result;
}

const PREMISES = [
  '--name',
  'Shop',
  '--region',
  'North',
  '--activity',
  'retail',
  '--address',
  "1 O'Connell Street; DROP TABLE premises",
];

async function addShop(): Promise<void> {
  await json('taxpayer', 'add', 'X1', '--name', 'Owner');
  await json('premises', 'add', 'P1', '--taxpayer', 'X1', ...PREMISES);
}

describe('an operator', () => {
  beforeAll(addShop);

  it('registers taxpayers and premises, once', async () => {
    expect(await json('taxpayer', 'list')).toEqual({ taxpayers: [{ taxpayerId: 'X1', name: 'Owner' }] });
    expect(await json('premises', 'list', '--taxpayer', 'X1')).toMatchObject({
      premises: [{ premisesId: 'P1', address: "1 O'Connell Street; DROP TABLE premises" }],
    });
    expect(await command('taxpayer', 'add', 'X1', '--name', 'Other')).toMatchObject({
      status: 1,
      error: 'tax-control: The taxpayer X1 is registered already. See: tax-control taxpayer list\n',
    });
    expect(await command('premises', 'list', '--taxpayer', 'X2')).toMatchObject({
      status: 1,
      error: 'tax-control: There is no taxpayer X2. See: tax-control taxpayer list\n',
    });
    expect((await command('--version')).out).toMatch(/^\d+\.\d+\.\d+/);
    const unknown = await command('premises', 'add', 'P8', '--taxpayer', 'X2', ...PREMISES);
    expect(unknown).toMatchObject({ status: 1, out: '' });
    expect(unknown.error).toContain('There is no taxpayer X2. Register it first');
  });

  it('renames a taxpayer and corrects premises; what is left out stays', async () => {
    expect(await json('taxpayer', 'rename', 'X1', '--name', 'Owner & Sons')).toEqual({
      taxpayerId: 'X1',
      name: 'Owner & Sons',
    });
    expect((await command('taxpayer', 'rename', 'X9', '--name', 'x')).error).toContain('There is no taxpayer X9');
    expect(await json('premises', 'correct', 'P1', '--region', 'South', '--address', 'Lane 2')).toEqual({
      premisesId: 'P1',
      name: 'Shop',
      region: 'South',
      activity: 'retail',
      address: 'Lane 2',
    });
    const again = await command('premises', 'correct', 'P1', '--region', 'South');
    expect(again).toMatchObject({ status: 0, out: 'The premises P1 are: Shop, South, retail, Lane 2.\n' });
    expect((await command('premises', 'correct', 'P9', '--name', 'x')).error).toContain('There are no premises P9');
    expect(await command('premises', 'correct', 'P1')).toMatchObject({ status: 2, out: '' });
    expect(await json('taxpayer', 'list')).toEqual({ taxpayers: [{ taxpayerId: 'X1', name: 'Owner & Sons' }] });
  });

  it('cannot invite before there are addresses to name, and says how to name them', async () => {
    const refused = await command('terminal', 'register', 'T0', '--premises', 'P1');
    expect(refused).toMatchObject({ status: 1 });
    expect(refused.error).toContain('--address');
    expect(await json('terminal', 'list')).toEqual({ terminals: [], next: null });
  });

  it('decides parameters and tax rates, each a new version, and exports them signed', async () => {
    expect((await command('parameters', 'show')).status).toBe(1);
    const incomplete = await command('parameters', 'set', '--threshold', '20');
    expect(incomplete.status).toBe(2);
    expect(incomplete.error).toMatch(/--address must name at least one address.*--verification-url must be https/);
    const address = ['--address', 'https://localhost:8443', '--address', 'https://127.0.0.1:8443'];
    const first = await json<{ version: number }>(
      'parameters',
      'set',
      ...address,
      '--verification-url',
      'https://localhost:9443',
      '--threshold',
      '20',
    );
    const second = await json<{ version: number }>(
      'tax-rate',
      'add',
      'standard',
      '--rate',
      '20',
      '--from',
      '2026-01-01',
    );
    const third = await json('tax-rate', 'add', 'standard', '--rate', '21.5', '--from', '2027-01-01');
    expect(third).toMatchObject({ ended: { until: '2026-12-31' }, taxRate: { rate: '21.5', until: null } });
    expect(second.version).toBeGreaterThan(first.version);
    const overlap = await command('tax-rate', 'add', 'standard', '--rate', '19', '--from', '2026-06-01');
    expect(overlap).toMatchObject({ status: 1 });
    expect(overlap.error).toContain('standard 20 % from 2026-01-01 until 2026-12-31 is in the way');
    await json('tax-rate', 'add', 'standard', '--rate', '200', '--from', '2999-01-01');
    expect(await json('tax-rate', 'remove', 'standard', '--from', '2999-01-01')).toMatchObject({
      reopened: { rate: '21.5', until: null },
    });
    expect((await command('tax-rate', 'remove', 'standard', '--from', '2026-01-01')).error).toContain(
      'stays on record',
    );
    const levy = ['tax-rate', 'add', 'city', '--rate', '3', '--from', '2026-01-01', '--levy'];
    expect(await json(...levy, 'untaxed')).toMatchObject({ taxRate: { category: 'city', levy: 'untaxed' } });
    expect(await command(...levy, 'half')).toMatchObject({ status: 2 });
    const listed = await json<{ taxRates: object[] }>('tax-rate', 'list');
    expect(listed.taxRates).toContainEqual({
      category: 'city',
      rate: '3',
      from: '2026-01-01',
      until: null,
      levy: 'untaxed',
    });
    expect(listed.taxRates).toContainEqual({ category: 'standard', rate: '21.5', from: '2027-01-01', until: null });
    const file = join(directory, 'parameters.jws');
    await json('parameters', 'export', '--out', file);
    const reading = readParameters(
      await readFile(file, 'utf8'),
      await readFile(join(keys, 'ca', 'certificate.pem'), 'utf8'),
    );
    expect(reading).toMatchObject({
      ok: true,
      parameters: {
        environment: 'test',
        threshold: 20,
        addresses: ['https://localhost:8443', 'https://127.0.0.1:8443'],
        taxRates: [{ category: 'city', levy: 'untaxed' }, { rate: '20' }, { rate: '21.5' }],
      },
    });
    expect(await json('parameters', 'show')).toMatchObject({ settings: { threshold: 20, offlineAtLimit: 'warn' } });
    expect((await command('parameters', 'set')).status).toBe(2);
    expect((await command('parameters', 'set', '--at-limit', 'explode')).error).toContain(
      '--at-limit must be warn or stop',
    );
  });

  it('names the time zone of the premises, and of those that have another', async () => {
    const set = (...options: string[]) => command('parameters', 'set', ...options);
    expect((await set('--premises-time-zone', 'P1=Atlantic/Azores')).error).toContain(
      '--premises-time-zone needs a time zone for all other premises',
    );
    expect((await set('--time-zone', 'Mars/Olympus')).error).toContain(
      '--time-zone must be an IANA time zone, such as Europe/London',
    );
    expect((await set('--premises-time-zone', 'Azores')).error).toContain('takes PREMISES=ZONE');
    const others = ['P1=Atlantic/Azores', 'P3=Asia/Macau', 'P2=Atlantic/Azores'];
    const unknown = await set(
      '--time-zone',
      'Europe/Lisbon',
      '--premises-time-zone',
      others[0]!,
      '--premises-time-zone',
      others[1]!,
    );
    expect(unknown).toMatchObject({ status: 1 });
    expect(unknown.error).toContain('There are no premises P3. See: tax-control premises list, and premises add.');
    expect((await command('parameters', 'show')).out).toContain('timeZone: -');
    for (const premises of ['P2', 'P3']) await json('premises', 'add', premises, '--taxpayer', 'X1', ...PREMISES);
    await json(
      'parameters',
      'set',
      '--time-zone',
      'Europe/Lisbon',
      ...others.flatMap((zone) => ['--premises-time-zone', zone]),
    );
    await json('parameters', 'set', '--premises-time-zone', 'P3=');
    const { parameters } = await json<{ parameters: string }>('parameters', 'export');
    const authority = await readFile(join(keys, 'ca', 'certificate.pem'), 'utf8');
    expect(readParameters(parameters, authority)).toMatchObject({
      ok: true,
      parameters: {
        timeZones: { default: 'Europe/Lisbon', others: [{ timeZone: 'Atlantic/Azores', premises: ['P1', 'P2'] }] },
      },
    });
    expect((await command('parameters', 'show')).out).toContain(
      'premisesTimeZones: P1 Atlantic/Azores, P2 Atlantic/Azores',
    );
  });

  it('sets the largest sum of cash rounding by currency, and takes it away again', async () => {
    const set = (...sums: string[]) =>
      command('parameters', 'set', ...sums.flatMap((sum) => ['--cash-rounding-max', sum]));
    for (const wrong of ['CHF', 'chf=4', 'CHF=4.5', 'CHF=-1', 'CHF=many'])
      expect(await set(wrong)).toMatchObject({
        status: 2,
        error: expect.stringContaining('--cash-rounding-max takes'),
      });
    expect(await set('CHF=9', 'EUR=0', 'SEK=499')).toMatchObject({ status: 0 });
    expect(await set('SEK=')).toMatchObject({ status: 0 });
    const { parameters } = await json<{ parameters: string }>('parameters', 'export');
    const authority = await readFile(join(keys, 'ca', 'certificate.pem'), 'utf8');
    expect(readParameters(parameters, authority)).toMatchObject({
      ok: true,
      parameters: { cashRoundingMax: { CHF: 9, EUR: 0 } },
    });
    expect((await command('parameters', 'show')).out).toContain('cashRoundingMax: CHF 9, EUR 0');
    expect(await set('CHF=', 'EUR=')).toMatchObject({ status: 0 });
    const { parameters: without } = await json<{ parameters: string }>('parameters', 'export');
    expect(readParameters(without, authority)).not.toHaveProperty('parameters.cashRoundingMax');
  });

  it('registers a till and gets an invitation of this authority with the published addresses', async () => {
    const registered = await json<{ invitation: string; terminalId: string }>(
      'terminal',
      'register',
      'T1',
      '--premises',
      'P1',
    );
    const { caDigest } = await json<{ caDigest: string }>('keys', 'list');
    expect(decodeInvitation(registered.invitation)).toMatchObject({
      ok: true,
      invitation: { terminalId: 'T1', caDigest, addresses: ['https://localhost:8443', 'https://127.0.0.1:8443'] },
    });
    const again = await command('terminal', 'register', 'T1', '--premises', 'P1');
    expect(again).toMatchObject({ status: 1, out: '' });
    expect(again.error).toContain('tax-control terminal invite T1');
    const invited = await json<{ invitation: string }>(
      'terminal',
      'invite',
      'T1',
      '--address',
      'https://other:1',
      '--valid-days',
      '1',
    );
    expect(decodeInvitation(invited.invitation)).toMatchObject({
      ok: true,
      invitation: { addresses: ['https://other:1'] },
    });
    expect(invited.invitation).not.toBe(registered.invitation);
    const made = await json<{ terminalId: string }>('terminal', 'register', '--premises', 'P1');
    expect(made.terminalId).toMatch(/^T-[0-9a-f]{10}$/);
    expect((await command('terminal', 'register', 'T9', '--premises', 'P9')).error).toContain(
      'There are no premises P9',
    );
    expect((await command('terminal', 'invite', 'T9')).error).toContain('There is no terminal T9');
    expect((await command('terminal', 'invite', 'T1', '--address', 'http://x')).status).toBe(2);
  });

  it('writes an invitation for its owner alone, never over another file, and prints it nowhere', async () => {
    const out = join(directory, 'invitation.txt');
    const written = await command('terminal', 'register', 'T5', '--premises', 'P1', '--out', out, '--json');
    expect(written).toMatchObject({ status: 0, error: '' });
    expect(JSON.parse(written.out)).toMatchObject({ terminalId: 'T5', file: out });
    const invitation = await readFile(out, 'utf8');
    expect(decodeInvitation(invitation)).toMatchObject({ ok: true, invitation: { terminalId: 'T5' } });
    expect(written.out).not.toContain('tax-invitation');
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const again = await command('terminal', 'register', 'T7', '--premises', 'P1', '--out', out);
    expect(again).toMatchObject({ status: 1, error: expect.stringContaining('is there already') as string });
    expect((await command('terminal', 'show', 'T7')).status).toBe(1);
    expect(await readFile(out, 'utf8')).toBe(invitation);
    const none = join(directory, 'none.txt');
    expect((await command('terminal', 'invite', 'T7', '--out', none)).status).toBe(1);
    await expect(stat(none)).rejects.toThrow('ENOENT');
    const alone = await command('terminal', 'invite', 'T5', '--out', '-');
    expect(decodeInvitation(alone.out)).toMatchObject({ ok: true });
  });

  it('needs only the authority’s certificate to invite, not its key', async () => {
    const ca = join(keys, 'ca', 'certificate.pem');
    const ran = await commandIn({ DATABASE_URL: database.operatorUrl }, 'terminal', 'invite', 'T1', '--ca', ca);
    expect(ran.status).toBe(0);
    expect(ran.out).toContain('tax-terminal enrol');
  });

  it('suspends, resumes and revokes, and a revoked till stays revoked', async () => {
    expect(await json('terminal', 'suspend', 'T1', '--reason', 'audit')).toMatchObject({
      status: 'suspended',
      statusReason: 'audit',
    });
    expect((await command('terminal', 'suspend', 'T1')).out).toContain('was already suspended');
    expect(await json('terminal', 'list', '--status', 'suspended')).toMatchObject({
      terminals: [{ terminalId: 'T1' }],
    });
    expect(await json('terminal', 'resume', 'T1')).toMatchObject({ status: 'active' });
    expect(await json('terminal', 'revoke', 'T1')).toMatchObject({ status: 'revoked' });
    const resumed = await command('terminal', 'resume', 'T1');
    expect(resumed.status).toBe(1);
    expect(resumed.error).toContain('A revoked terminal stays revoked');
    expect((await command('terminal', 'invite', 'T1')).error).toContain('revoked for ever');
    expect(await json('terminal', 'show', 'T1')).toMatchObject({
      status: 'revoked',
      certificates: [],
      invitations: [{ state: 'expired', wrongTries: 0 }, { state: 'expired' }, { state: 'expired' }],
    });
    expect((await command('terminal', 'revoke-certificate', 'T1', 'x', '--reason', 'stolen')).status).toBe(1);
    expect((await command('terminal', 'suspend', 'T9')).error).toContain('There is no terminal T9');
  });

  it.each([
    ['taxpayer', 'add', '-x', '--name', 'x'],
    ['taxpayer', 'add', 'X 1', '--name', 'x'],
    ['taxpayer', 'add', 'X2', '--name', ' '],
    ['taxpayer', 'add', 'X2', '--name', 'a\u0007b'],
    ['tax-rate', 'add', 'standard', '--rate', '20%', '--from', '2026-01-01'],
    ['tax-rate', 'add', 'standard', '--rate', '20', '--from', '2026-02-30'],
    ['tax-rate', 'add', 'standard', '--rate', '20', '--from', '2026-02-02', '--until', '2026-02-01'],
    ['parameters', 'set', '--threshold', '1e3'],
    ['parameters', 'set', '--suspended-may-sell', 'maybe'],
    ['terminal', 'list', '--status', 'lost'],
  ])('is told the rule that this breaks: %s %s %s %s', async (...commandLine) => {
    const ran = await command(...commandLine);
    expect(ran).toMatchObject({ status: 2, out: '' });
    expect(ran.error).toMatch(/must|unknown option|Allowed choices/);
  });
});

describe('the database', () => {
  it('is migrated under the migrator’s log-in only, and shows how far it is', async () => {
    const empty = await createTestDatabase(undefined, { empty: true });
    try {
      const as = (url: string) => ({ DATABASE_URL: url });
      const early = await commandIn(as(empty.operatorUrl), 'taxpayer', 'list');
      expect(early).toMatchObject({ status: 1 });
      expect(early.error).toContain('Run: tax-control migrate');
      const status = await commandIn(as(empty.migratorUrl), 'migrate', '--status', '--json');
      const { pending } = JSON.parse(status.out) as { pending: string[] };
      expect(pending.length).toBeGreaterThan(2);
      const wrongRole = await commandIn(as(empty.operatorUrl), 'migrate');
      expect(wrongRole).toMatchObject({ status: 1, out: '' });
      expect(wrongRole.error).toContain('Name the migrator, who owns the database');
      const migrated = await commandIn(as(empty.migratorUrl), 'migrate', '--json');
      expect(JSON.parse(migrated.out)).toEqual({ applied: pending });
      expect((await commandIn(as(empty.migratorUrl), 'migrate')).out).toBe('The database is up to date.\n');
    } finally {
      await empty.drop();
    }
  });

  it('is named by a file as well, and its password never shown', async () => {
    const file = join(directory, 'url');
    await writeFile(file, `${database.operatorUrl}\n`);
    expect((await commandIn({ DATABASE_URL_FILE: file }, 'taxpayer', 'list')).status).toBe(0);
    const url = new URL(database.operatorUrl);
    url.password = 'not-the-password';
    const refused = await commandIn({ DATABASE_URL: url.href }, 'taxpayer', 'list');
    expect(refused.status).toBe(1);
    expect(refused.error).toContain('refused the log-in');
    expect(refused.error).not.toContain('not-the-password');
  });

  it('may be out of reach: status 3, and what to do', async () => {
    const url = new URL(database.operatorUrl);
    url.port = '1';
    const ran = await commandIn({ DATABASE_URL: url.href }, 'terminal', 'list', '--json');
    expect(ran).toMatchObject({ status: 3, out: '' });
    expect(JSON.parse(ran.error)).toMatchObject({
      error: { kind: 'unavailable', message: expect.stringContaining('try again') as string },
    });
  });

  it('lets a log-in that only reads register nothing', async () => {
    const ran = await commandIn({ DATABASE_URL: database.auditorUrl }, 'taxpayer', 'add', 'X9', '--name', 'x');
    expect(ran.status).toBe(1);
    expect(ran.error).toContain('tax_control_operator');
  });
});

describe('the audit trail', () => {
  it('has what was done, under the log-in that did it, and nothing that was refused', async () => {
    const rows = await queryOnce<{ action: string; subject: string; facts: { command: string } }>(
      database.auditorUrl,
      'SELECT action, subject, facts FROM audit_trail ORDER BY trail_id',
    );
    expect(new Set(rows.map(({ facts }) => facts.command))).toEqual(new Set(['operator_login']));
    const acts = rows.map(({ action, subject }) => `${action} ${subject}`);
    expect(acts).toEqual(expect.arrayContaining(['taxpayer.added X1', 'premises.added P1']));
    expect(acts.filter((act) => act === 'premises.changed P1')).toHaveLength(1);
    expect(acts.filter((act) => act === 'taxpayer.added X1' || act === 'premises.added P8')).toHaveLength(1);
    expect([...new Set(rows.map(({ action }) => action))].toSorted((one, other) => (one < other ? -1 : 1))).toEqual([
      'parameters.published',
      'premises.added',
      'premises.changed',
      'tax_rate.added',
      'tax_rate.removed',
      'taxpayer.added',
      'taxpayer.changed',
      'terminal.invited',
      'terminal.registered',
      'terminal.status_changed',
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/secret|invitation/);
  });
});
