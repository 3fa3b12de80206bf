import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeInvitation, systemClock } from '@tax-control/protocol';
import { run } from '../src/commands/run.js';
import { queryOnce } from './support/database.js';
import { makeGround, type TestGround } from './support/server.js';

let ground: TestGround;
let directory: string;

beforeAll(async () => {
  ground = await makeGround();
  directory = await mkdtemp(join(tmpdir(), 'fleet-spec-'));
  process.env['DATABASE_URL'] = ground.database.operatorUrl;
  process.env['KEYS_DIRECTORY'] = ground.keysDirectory;
  await sql(`INSERT INTO taxpayer (taxpayer_id, name) VALUES ('X1', 'Owner'), ('X2', 'Other')`);
  await sql(`INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
             VALUES ('P1', 'X1', 'Shop', 'North', 'retail', '1'), ('P2', 'X2', 'Shop', 'South', 'retail', '2')`);
});

afterAll(async () => {
  delete process.env['DATABASE_URL'];
  delete process.env['KEYS_DIRECTORY'];
  await rm(directory, { recursive: true, force: true });
  await ground.clear();
});

const sql = (statement: string) => queryOnce(ground.database.superuserUrl, statement);

/** What these commands answer, all members together. */
interface Answer {
  readonly error: { readonly message: string; readonly faults: readonly { line: number; reason: string }[] };
  readonly terminals: readonly { readonly terminalId: string }[];
  readonly next: string | null;
}

async function command(...commandLine: string[]) {
  let [out, error] = ['', ''];
  const status = await run(
    [...commandLine, '--json'],
    {
      out: (text) => void (out += text),
      error: (text) => void (error += text),
    },
    systemClock,
  );
  return { status, json: JSON.parse(out || error) as Answer, output: out + error };
}

const file = (name: string): string => join(directory, name);

async function importing(name: string, content: string | Buffer, ...options: string[]) {
  await writeFile(file(name), content);
  return command('terminal', 'import', file(name), '--address', 'https://localhost:8443', ...options);
}

const terminals = async (): Promise<number> => (await sql('SELECT FROM terminal')).length;

it('registers a thousand tills and writes their invitations for their owner alone', async () => {
  const rows = Array.from({ length: 1_000 }, (_, index) => `L-${String(index).padStart(4, '0')},P1,X1`);
  const content = `terminal,premises,taxpayer\n${rows.join('\n')}\n`;
  const tried = await importing('fleet.csv', content, '--dry-run', '--invitations', file('out.csv'));
  expect(tried.json).toMatchObject({ wouldRegister: 1_000, registered: 0, dryRun: true });
  expect(await readdir(directory)).toEqual(['fleet.csv']);
  expect(await terminals()).toBe(0);

  const done = await importing('fleet.csv', content, '--invitations', file('out.csv'));
  expect([done.status, done.json]).toEqual([
    0,
    { registered: 1_000, skipped: [], file: file('out.csv'), dryRun: false },
  ]);
  expect((await stat(file('out.csv'))).mode & 0o777).toBe(0o600);
  const written = parse(await readFile(file('out.csv'), 'utf8'), { columns: true }) as Record<string, string>[];
  expect(written).toHaveLength(1_000);
  expect(written.map(({ terminal }) => terminal)).toEqual(rows.map((row) => row.slice(0, 6)));
  for (const { terminal, invitation = '' } of written)
    expect(decodeInvitation(invitation)).toMatchObject({ ok: true, invitation: { terminalId: terminal } });
  // What is on file fits what was written.
  const [kept] = await sql(
    `SELECT count(*)::int AS rows, count(DISTINCT secret_digest)::int AS secrets FROM invitation`,
  );
  expect(kept).toEqual({ rows: 1_000, secrets: 1_000 });
  const trail = await sql(
    `SELECT action, facts - 'command' - 'expiresAt' AS facts FROM audit_trail WHERE subject = 'L-0999' ORDER BY trail_id`,
  );
  expect(trail).toEqual([
    { action: 'terminal.registered', facts: { premisesId: 'P1', source: 'fleet.csv' } },
    { action: 'terminal.invited', facts: {} },
  ]);
  expect(done.output).not.toContain('tax-invitation');
});

it('renews the invitations of all tills of a filter, and ends the open ones', async () => {
  const options = ['terminal', 'invite-many', '--address', 'https://localhost:8443', '--premises', 'P1'];
  const tried = await command(...options, '--dry-run');
  expect([tried.status, tried.json]).toMatchObject([0, { wouldInvite: 1_000, file: null }]);
  const done = await command(...options, '--invitations', file('renewed.csv'));
  expect([done.status, done.json]).toMatchObject([0, { invited: 1_000, file: file('renewed.csv') }]);
  expect((await stat(file('renewed.csv'))).mode & 0o777).toBe(0o600);
  const written = parse(await readFile(file('renewed.csv'), 'utf8'), { columns: true }) as Record<string, string>[];
  expect(new Set(written.map(({ terminal }) => terminal)).size).toBe(1_000);
  const [kept] = await sql(
    `SELECT count(*)::int AS rows, count(*) FILTER (WHERE expires_at > now())::int AS open FROM invitation`,
  );
  expect(kept).toEqual({ rows: 2_000, open: 1_000 });
  expect(done.output).not.toContain('tax-invitation');
  for (const more of [
    ['--for', 'expired'],
    ['--region', 'South'],
  ]) {
    const none = await command(...options, ...more, '--invitations', file('none.csv'));
    expect([none.status, none.json]).toMatchObject([0, { invited: 0, file: null }]);
  }
  expect(await readdir(directory)).not.toContain('none.csv');
});

it('names every bad row and registers nothing', async () => {
  const before = await terminals();
  const content = 'terminal,premises,taxpayer\nN1,P1,X1\nN2,P9,\nN3,P1,X2\nL-0001,P1,X1\nL-0002,P2,X2\n=1+1,P1,X1\n';
  const refused = await importing('bad.csv', content, '--invitations', file('bad-out.csv'));
  expect(refused.status).toBe(1);
  expect(refused.json.error.faults).toEqual([
    { line: 3, reason: expect.stringMatching(/^There are no premises P9\. Register them first/) },
    { line: 4, reason: 'The premises P1 belong to the taxpayer X1, not to X2.' },
    { line: 5, reason: expect.stringMatching(/^The terminal L-0001 is registered already\..*--skip-registered/) },
    { line: 6, reason: expect.stringMatching(/^The terminal L-0002 is registered in the premises P1, where it stays/) },
    { line: 7, reason: expect.stringMatching(/^The terminal “=1\+1” is not/) },
  ]);
  expect([await terminals(), (await readdir(directory)).includes('bad-out.csv')]).toEqual([before, false]);
});

it('leaves tills alone that are registered, where it is told to', async () => {
  const content = 'terminal,premises\nL-0001,P1\nN1,P2\n';
  const done = await importing('more.csv', content, '--skip-registered', '--invitations', file('more-out.csv'));
  expect(done.json).toMatchObject({ registered: 1, skipped: ['L-0001'] });
  expect(await readFile(file('more-out.csv'), 'utf8')).not.toContain('L-0001');
  const again = await importing('more.csv', content, '--skip-registered', '--invitations', file('third.csv'));
  expect(again.json).toMatchObject({ registered: 0, skipped: ['L-0001', 'N1'], file: null });
});

it.each([
  ['there is no file for the invitations', [], 2, /--invitations/],
  ['that file is there already', ['--invitations', 'fleet.csv'], 1, /never overwritten/],
  ['its folder is not there', ['--invitations', 'none/out.csv'], 1, /cannot be made \(ENOENT\)/],
])('refuses while %s', async (_name, [option, name], status, message) => {
  const options = option === undefined || name === undefined ? [] : [option, file(name)];
  const refused = await importing('one.csv', 'terminal,premises\nO1,P1\n', ...options);
  expect([refused.status, refused.json.error.message]).toEqual([status, expect.stringMatching(message)]);
});

it('refuses a file that is not there, and one in another encoding', async () => {
  const absent = await command('terminal', 'import', file('none.csv'), '--invitations', file('x'));
  expect(absent.json.error.message).toContain('cannot be read (ENOENT)');
  const utf16 = await importing('utf16.csv', Buffer.from('\u{FEFF}terminal,premises\nA,P1', 'utf16le'), '--dry-run');
  expect(utf16.json.error.faults).toEqual([{ line: 1, reason: expect.stringContaining('UTF-16') }]);
});

it.each([
  ['takes the file away again when the database refused the commit', 'check_violation', 4, false],
  ['keeps the file when nobody knows whether it was committed, and says so', 'raise_exception', 3, true],
])('%s', async (_name, sqlState, status, isKept) => {
  await sql(`CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
               BEGIN RAISE EXCEPTION 'refused by the test' USING ERRCODE = '${sqlState}'; END $$;
             CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON terminal DEFERRABLE INITIALLY DEFERRED
               FOR EACH ROW EXECUTE FUNCTION refuse();`);
  const out = file(`${sqlState}.csv`);
  const failed = await importing('late.csv', 'terminal,premises\nZ1,P1\n', '--invitations', out);
  await sql('DROP TRIGGER refuse ON terminal');
  expect(failed.status).toBe(status);
  expect(failed.json.error.message).toMatch(isKept ? /may be good/ : /refused by the test/);
  expect((await readdir(directory)).includes(`${sqlState}.csv`)).toBe(isKept);
});

it('lists by what they stand in and when they were seen, page by page', async () => {
  await sql(`INSERT INTO terminal_sign (terminal_id, last_sign_at) VALUES ('L-0000', '2026-03-01T00:00:00Z'),
             ('L-0001', '2026-02-01T00:00:00Z')`);
  const list = async (...options: string[]) => (await command('terminal', 'list', ...options)).json;
  const ids = (page: Answer): string[] => page.terminals.map(({ terminalId }) => terminalId);
  expect(ids(await list('--region', 'South'))).toEqual(['N1']);
  expect(ids(await list('--taxpayer', 'X2', '--status', 'suspended'))).toEqual([]);
  const first = await list('--limit', '3');
  expect([ids(first), first.next]).toEqual([['L-0000', 'L-0001', 'L-0002'], 'L-0002']);
  expect(first.terminals[0]).toMatchObject({ region: 'North', lastSeenAt: '2026-03-01T00:00:00.000Z' });
  const last = await list('--after', 'L-0998');
  expect([ids(last), last.next]).toEqual([['L-0999', 'N1'], null]);
  const unseen = await list('--not-seen-since', '2026-02-15', '--limit', '2');
  expect(ids(unseen)).toEqual(['L-0001', 'L-0002']);
  expect((await command('terminal', 'list', '--not-seen-since', '2026-02-30')).status).toBe(2);
});

it.each([
  // PostgreSQL says that it rolled back: the file is worthless, and goes.
  ['fails', `RAISE EXCEPTION 'refused by the test' USING ERRCODE = 'check_violation'`, 4, false],
  // Nobody knows: its invitations may be good.
  ['is not confirmed', 'PERFORM pg_terminate_backend(pg_backend_pid())', 3, true],
] as const)(
  'keeps the file of invitations only where they may be good: COMMIT %s',
  async (name, fault, status, stays) => {
    await sql(`CREATE OR REPLACE FUNCTION spoil_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
             BEGIN ${fault}; RETURN NULL; END $$`);
    await sql(`CREATE CONSTRAINT TRIGGER spoil_commit AFTER INSERT ON invitation DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION spoil_commit()`);
    const out = file(`${name}.out.csv`);
    const before = await terminals();
    const content = `terminal,premises,taxpayer\nC-${status},P1,X1\n`;
    const imported = await importing(`${name}.csv`, content, '--invitations', out);
    await sql('DROP TRIGGER spoil_commit ON invitation');
    expect(imported.status).toBe(status);
    expect((await readdir(directory)).includes(`${name}.out.csv`)).toBe(stays);
    expect(await terminals()).toBe(before);
    expect((await importing(`${name}.csv`, content, '--invitations', `${out}.2`)).status).toBe(0);
  },
);
