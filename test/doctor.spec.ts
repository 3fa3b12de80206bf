import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readGrants } from '../src/commands/doctor/read-grants.js';
import { SERVER_GRANTS } from '../src/commands/doctor/server-grants.js';
import { examine, faultsOf } from './support/doctor.js';
import { startTestServer, makeGround, type TestGround } from './support/server.js';
import { testPool } from './support/pool.js';

const MAIN = fileURLToPath(new URL('../dist/src/commands/main.js', import.meta.url));

let ground: TestGround;
beforeAll(async () => {
  ground = await makeGround();
});
afterAll(() => ground.clear());

describe('the doctor', () => {
  it('finds nothing failed where nothing is wrong, as a process and for people', async () => {
    const { status, out, errors } = await new Promise<{ status: number | null; out: string; errors: string }>(
      (resolve) => {
        const env = { PATH: process.env['PATH'], ...ground.environment };
        const child = execFile(process.execPath, [MAIN, 'doctor'], { env }, (_, out, errors) =>
          resolve({ status: child.exitCode, out, errors }),
        );
      },
    );
    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    expect(out).toMatch(/^ok +grants +The server’s log-in may do exactly what it must/m);
    expect(out).toMatch(/ 0 failed, /);
  });

  it('tells each part that is not there, and looks at the others', async () => {
    const { exitStatus, findings } = await examine({
      ...ground.environment,
      DATABASE_URL: 'postgresql://u:hunter2@127.0.0.1:1/z',
    });
    expect(exitStatus).toBe(1);
    const statusOf = (check: string) => findings.find((one) => one.check === check)?.status;
    expect(['database', 'migrations', 'keys', 'ports'].map(statusOf)).toEqual(['failed', 'skipped', 'ok', 'ok']);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });

  it('names a setting and its rule, never its value', async () => {
    const { exitStatus, findings } = await examine({ ...ground.environment, TERMINALS_PORT: 'hunter2' });
    expect(exitStatus).toBe(1);
    expect(findings[0]).toMatchObject({ check: 'settings', status: 'failed' });
    expect(findings[0]?.seen).toContain('TERMINALS_PORT must be a whole number');
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });

  it('tells a port that is free, that another has, and that this very server has', async () => {
    const server = await startTestServer({ ground });
    const { terminals, public: publicListener, operator } = server.addresses;
    const ours = await examine({
      ...ground.environment,
      TERMINALS_PORT: String(terminals.port),
      PUBLIC_PORT: String(publicListener.port),
      OPERATOR_PORT: String(operator.port),
    });
    expect(ours.findings.filter(({ check }) => check === 'ports').map(({ seen }) => seen)).toEqual(
      ['terminals', 'public', 'operator'].map(() => expect.stringContaining('is taken by this very server') as string),
    );
    const keyless = await examine({
      ...ground.environment,
      KEYS_DIRECTORY: '/nowhere',
      TERMINALS_PORT: String(terminals.port),
      OPERATOR_PORT: String(operator.port),
    });
    // Whose port it is cannot be told then, and must not be called another's.
    expect(keyless.findings.filter(({ check }) => check === 'ports').map(({ status }) => status)).toEqual([
      'skipped',
      'ok',
      'ok',
    ]);
    const crossed = await examine({ ...ground.environment, TERMINALS_PORT: String(publicListener.port) });
    expect(faultsOf(crossed, 'ports')).toEqual([
      expect.objectContaining({
        status: 'failed',
        seen: `Port ${publicListener.port} (TERMINALS_PORT) is taken by another program.`,
      }),
    ]);
    await server.stop();
  });
});

describe('the rights of the server’s log-in', () => {
  it('are exactly those that server-grants.ts lists', async () => {
    const server = testPool({ connectionString: ground.database.serverUrl, max: 1 });
    const grants = await readGrants(server);
    await server.end();
    expect(grants, 'say in src/commands/doctor/server-grants.ts what a migration grants').toEqual(SERVER_GRANTS);
  });

  it('are told where they are too few, too many, or of another role', async () => {
    const { superuser, database } = ground;
    await superuser.query(
      'GRANT UPDATE ON ledger TO tax_control_server; GRANT DELETE ON terminal TO tax_control_server',
    );
    await superuser.query(
      'REVOKE INSERT ON content FROM tax_control_server; REVOKE UPDATE (name) ON premises FROM tax_control_server',
    );
    const faults = faultsOf(await examine(ground.environment), 'grants');
    expect(faults.map(({ status, seen }) => [status, seen])).toEqual([
      ['failed', 'The server’s log-in lacks rights: INSERT on content, UPDATE(name) on premises.'],
      ['failed', 'The server’s log-in may change what is written for ever: UPDATE on ledger.'],
      ['warning', 'The server’s log-in has more rights than it needs: DELETE on terminal.'],
    ]);
    const as = async (url: string) => faultsOf(await examine({ ...ground.environment, DATABASE_URL: url }), 'grants');
    expect(await as(database.superuserUrl)).toEqual([
      expect.objectContaining({ status: 'failed', seen: expect.stringContaining('is a superuser') as string }),
    ]);
    expect(await as(database.migratorUrl)).toEqual([
      expect.objectContaining({ status: 'failed', seen: expect.stringContaining('owns tables') as string }),
    ]);
    expect(await as(database.operatorUrl)).toEqual([
      expect.objectContaining({
        status: 'warning',
        seen: expect.stringContaining('is an operator’s') as string,
      }),
    ]);
  });
});

it('the handbook explains every check', async () => {
  const { findings } = await examine(ground.environment);
  const page = readFileSync(new URL('../docs/operating/doctor.md', import.meta.url), 'utf8');
  const names = [...new Set(findings.map(({ check }) => check))];
  expect(names.filter((name) => !page.includes(`| \`${name}\` `))).toEqual([]);
});
