import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditTrailPage, OfficialRow } from '@tax-control/protocol/console';
import { systemClock } from '@tax-control/protocol';
import { run } from '../../src/commands/run.js';
import { signIn, trySignIn } from '../support/officials.js';
import { startTestServer, type TestServer } from '../support/server.js';

const MAIN = fileURLToPath(new URL('../../dist/src/commands/main.js', import.meta.url));
const PASSWORD = 'a horse eats eleven clocks';

interface Ran {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

interface Told {
  readonly name: string;
  readonly temporaryPassword?: string;
  readonly endedSessions?: number;
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  vi.stubEnv('DATABASE_URL', server.database.operatorUrl);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.stop();
});

/** The command itself without a process around it, for what reads no pipe: a process takes longer than all it does. */
async function command(commandLine: readonly string[]): Promise<Ran> {
  let [out, error] = ['', ''];
  const status = await run(
    ['official', ...commandLine],
    {
      out: (text) => void (out += text),
      error: (text) => void (error += text),
    },
    systemClock,
  );
  return { status, out, error };
}

/** Runs the command as an operator does, with what a pipe holds. */
function piped(commandLine: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve) => {
    const env = { DATABASE_URL: server.database.operatorUrl };
    const child = execFile(process.execPath, [MAIN, 'official', ...commandLine], { env }, (_, out, error) =>
      resolve({ status: child.exitCode ?? -1, out, error }),
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

async function json<Result = Told>(commandLine: readonly string[], input?: string): Promise<Result> {
  const line = [...commandLine, '--json'];
  const ran = await (input === undefined ? command(line) : piped(line, input));
  expect(ran).toMatchObject({ status: 0, error: '' });
  return JSON.parse(ran.out) as Result;
}

const add = (name: string, ...more: string[]): string[] => ['add', name, '--full-name', 'Ada Lovelace', ...more];

describe('tax-control official', () => {
  it('adds the first administrator, who signs in with what was shown once', async () => {
    const ran = await piped(add('Ada', '--role', 'administrator', '--role', 'supervisor'));
    expect(ran).toMatchObject({ status: 0, error: '' });
    const [password] = /\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b/.exec(ran.out) ?? [];
    const browser = await signIn(server, { name: 'ada', password: password! });
    expect(browser.session).toMatchObject({
      fullName: 'Ada Lovelace',
      roles: ['administrator', 'supervisor'],
      passwordChangeRequired: true,
    });
    expect((await command(add('ada', '--role', 'official'))).status).toBe(1);
  });

  it('takes a password from a pipe, which stays', async () => {
    const added = await json(add('piped', '--role', 'supervisor', '--password-stdin'), `${PASSWORD}\n`);
    expect(added).toEqual({ name: 'piped', fullName: 'Ada Lovelace', roles: ['supervisor'], view: { kind: 'all' } });
    const browser = await signIn(server, { name: 'piped', password: PASSWORD });
    expect(browser.session.passwordChangeRequired).toBe(false);
    const reset = await json(['reset-password', 'piped']);
    expect(reset.endedSessions).toBe(1);
    expect((await trySignIn(server, { name: 'piped', password: PASSWORD })).status).toBe(401);
    await json(['reset-password', 'piped', '--password-stdin'], PASSWORD);
    const again = await signIn(server, { name: 'piped', password: PASSWORD });
    expect(await json(['end-sessions', 'piped'])).toEqual({ name: 'piped', endedSessions: 1 });
    expect((await again.get('/v1/console/session')).status).toBe(401);
    const reader = await signIn(server, { name: 'piped', password: PASSWORD });
    const { items } = (await reader.get<AuditTrailPage>('/v1/console/audit-trail?subject=piped')).json();
    expect(items.map(({ action, official, facts }) => [action, official, facts['command']])).toEqual([
      ['official.sessions_ended', null, 'operator_login'],
      ['official.reset', null, 'operator_login'],
      ['official.reset', null, 'operator_login'],
      ['official.added', null, 'operator_login'],
    ]);
  });

  it('lists, disables and enables', async () => {
    await json(add('leaver', '--role', 'official', '--password-stdin'), PASSWORD);
    await signIn(server, { name: 'leaver', password: PASSWORD });
    expect(await json(['disable', 'leaver'])).toEqual({ name: 'leaver', disabled: true, endedSessions: 1 });
    expect((await trySignIn(server, { name: 'leaver', password: PASSWORD })).status).toBe(401);
    const { officials } = await json<{ officials: OfficialRow[] }>(['list']);
    expect(officials.find(({ name }) => name === 'leaver')).toMatchObject({ disabledAt: expect.any(String) as string });
    expect((await command(['list'])).out).toMatch(/^leaver +Ada Lovelace +official +all +disabled +0 /m);
    await json(['disable', 'leaver', '--undo']);
    await signIn(server, { name: 'leaver', password: PASSWORD });
  });

  it.each([
    ['no role', add('bad'), null, 2, '--role'],
    ['a role that there is not', add('bad', '--role', 'god'), null, 2, 'god is none of'],
    ['a name with spaces', add('a b', '--role', 'official'), null, 2, '1 to 64 letters'],
    [
      'regions and taxpayers',
      add('bad', '--role', 'official', '--region', 'a', '--taxpayer', 'b'),
      null,
      2,
      'exclude each other',
    ],
    ['a region without premises', add('bad', '--role', 'official', '--region', 'atlantis'), null, 1, 'not registered'],
    ['a password as argument', add('bad', '--role', 'official', '--password', PASSWORD), null, 2, 'unknown option'],
    ['a short password', add('bad', '--role', 'official', '--password-stdin'), 'short', 1, 'at least 12'],
    ['a common password', add('bad', '--role', 'official', '--password-stdin'), 'AdaLovelace2026', 1, 'must not be'],
    ['an empty pipe', add('bad', '--role', 'official', '--password-stdin'), '', 2, 'is empty'],
    ['a megabyte', add('bad', '--role', 'official', '--password-stdin'), 'x'.repeat(1_000_000), 2, 'longer than any'],
    ['an account that there is not', ['reset-password', 'nobody'], null, 1, 'There is no account nobody'],
    ['an account that there is not', ['disable', 'nobody'], null, 1, 'There is no account nobody'],
    ['an account that there is not', ['end-sessions', 'nobody'], null, 1, 'There is no account nobody'],
  ])('refuses %s', async (_, commandLine, input, status, sentence) => {
    const ran = await (input === null ? command(commandLine) : piped(commandLine, input));
    expect([ran.status, ran.out]).toEqual([status, '']);
    expect(ran.error).toContain(sentence);
    expect(ran.error).not.toContain('    at ');
  });
});
