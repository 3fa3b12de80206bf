import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '@tax-control/protocol';
import { DirectoryCustody } from '../keys/directory-custody.js';
import { run } from './run.js';

let directory: string;
let out: string;
let error: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'commands-spec-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

function command(...commandLine: string[]): Promise<number> {
  out = '';
  error = '';
  return run(commandLine, { out: (text) => (out += text), error: (text) => (error += text) }, systemClock);
}

it('explains itself, with an example for each command', async () => {
  expect(await command('--help')).toBe(0);
  expect(out).toContain('Exit status: 0 done, 1 refused');
  expect(await command('keys', 'init', '--help')).toBe(0);
  expect(out).toContain('Example:');
  expect(error).toBe('');
});

/** The commands that a help text lists, `help` itself left out. */
function commandsIn(help: string): string[] {
  const [, list = ''] = help.split('\nCommands:\n');
  return [...list.split('\n\n')[0]!.matchAll(/^  ([a-z][a-z-]*)/gm)]
    .map(([, name]) => name!)
    .filter((name) => name !== 'help');
}

it('shows an example for every command there is', async () => {
  await command('--help');
  const groups = commandsIn(out);
  expect(groups).toEqual([
    'doctor',
    'migrate',
    'database',
    'keys',
    'taxpayer',
    'premises',
    'terminal',
    'journal',
    'receipt',
    'dispute',
    'parameters',
    'tax-rate',
    'statistics',
    'retention',
    'official',
  ]);
  for (const group of groups) {
    await command(group, '--help');
    const leaves = commandsIn(out).map((name) => [group, name]);
    for (const leaf of leaves.length === 0 ? [[group]] : leaves) {
      await command(...leaf, '--help');
      expect(out).toMatch(new RegExp(`Example:\n.*tax-control ${leaf.join(' ')}`));
    }
  }
});

it.each([
  ['no command', []],
  ['an unknown command', ['lost']],
  ['a group without command', ['keys']],
  ['an unknown option', ['keys', 'list', '--lost']],
  ['a missing option', ['keys', 'init', '--directory', 'x']],
])('answers %s with status 2 and points to the help', async (_, commandLine) => {
  expect(await command(...commandLine)).toBe(2);
  expect(error).toMatch(/--help/);
  expect(out).toBe('');
});

it.each(['-', '-h', '-V', '--'])('takes a thumbprint for one that begins with %s', async (start) => {
  const thumbprint = start.padEnd(43, 'A');
  // As far as the command comes without a database.
  const status = await command('terminal', 'revoke-certificate', 'till-1', thumbprint, '--reason', 'stolen');
  expect(error).toContain('DATABASE_URL');
  expect(status).toBe(2);
});

it('makes keys, lists them, and refuses to make them again', async () => {
  const keys = join(directory, 'keys');
  expect(await command('keys', 'init', '--directory', keys, '--host', 'localhost', '--json')).toBe(0);
  const made = JSON.parse(out) as { caDigest: string };
  expect(await command('--json', 'keys', 'list', '--directory', keys)).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    caDigest: made.caDigest,
    environment: 'production',
    keys: [
      { kind: 'authority', use: 'in_use', daysLeft: 7298 },
      { kind: 'signing_certificate', daysLeft: 7298 },
      { kind: 'public_listener', daysLeft: 395 },
      { kind: 'receipt_key', notAfter: null, daysLeft: null },
      { kind: 'mac_key', id: '1', notAfter: null },
    ],
  });
  expect(await command('keys', 'list', '--directory', keys)).toBe(0);
  expect(out).toContain('Tills reach the servers as: localhost (');
  expect(await command('keys', 'init', '--directory', keys, '--host', 'localhost')).toBe(1);
  expect(error).toContain('keys are never overwritten');
  expect(error).not.toContain('\n    at ');
  expect(await command('keys', 'init', '--directory', keys, '--host', 'localhost', '--json')).toBe(1);
  expect(JSON.parse(error)).toMatchObject({ error: { kind: 'refused' } });
});

it('gives the terminals’ listener other names', async () => {
  const keys = join(directory, 'keys');
  await command('keys', 'init', '--directory', keys, '--host', 'localhost', '--environment', 'test');
  const before = new DirectoryCustody(keys).load();
  expect(await command('keys', 'listener', '--directory', keys, '--host', 'a.example', '--host', '192.0.2.7')).toBe(0);
  const after = new DirectoryCustody(keys).load();
  expect([before.terminalHosts, after.terminalHosts]).toEqual([['localhost'], ['a.example', '192.0.2.7']]);
  expect(after.trustedKeys).toEqual(before.trustedKeys);
  expect(await command('keys', 'listener', '--directory', keys, '--host', 'https://a')).toBe(2);
});

it.each(['https://localhost', 'localhost:8443', 'a b'])('refuses %s as a host', async (host) => {
  expect(await command('keys', 'init', '--directory', join(directory, 'keys'), '--host', host)).toBe(2);
  expect(error).toContain('is not a host name or IP address');
});

it('repeats what was typed on one line, and not without end', async () => {
  expect(await command('taxpayer', 'add', `a\nb${'x'.repeat(600)}`, '--name', 'x')).toBe(2);
  expect(error).toMatch(/^tax-control: [^\n]{1,300}letter or digit\. See --help\.\n$/);
});
