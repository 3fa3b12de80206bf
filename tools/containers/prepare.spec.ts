import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectDirectory } from '../local/project.js';

const project = projectDirectory();
const compose = readFileSync(join(project, 'docker-compose.yml'), 'utf8');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tax-control-prepare-spec-'));
  cpSync(join(project, 'docker'), join(folder, 'docker'), {
    recursive: true,
    filter: (path) => !path.includes('secrets'),
  });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function prepare(...commandLine: readonly string[]): { readonly status: number | null; readonly said: string } {
  const name = `spec-${folder.slice(-6).toLowerCase()}`;
  const all = ['docker/prepare', '--name', name, ...commandLine];
  const { status, stdout, stderr } = spawnSync('sh', all, { cwd: folder, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

function setting(name: string): string | undefined {
  return new RegExp(`^${name}=(.*)$`, 'm').exec(readFileSync(join(folder, '.env'), 'utf8'))?.[1];
}

it('docker-compose.yml builds the image once', () => {
  expect(compose.match(/^ *build:/gm)).toEqual(['    build:']);
});

describe('docker/prepare', () => {
  it('lets the containers’ users run the scripts of backups, also in a clone that was made under umask 077', () => {
    for (const name of readdirSync(join(folder, 'docker/backups')))
      chmodSync(join(folder, 'docker/backups', name), 0o700);
    prepare();
    for (const name of readdirSync(join(folder, 'docker/backups')))
      expect([name, statSync(join(folder, 'docker/backups', name)).mode & 0o777]).toEqual([name, 0o755]);
  });

  it('writes every secret that the containers are given, and each variable of docker-compose.yml', () => {
    expect(prepare()).toMatchObject({ status: 0, said: expect.stringContaining('Next: docker compose up') as string });
    const demanded = [...compose.matchAll(/file: \.\/docker\/secrets\/(\w+)/g)].map(([, name]) => name);
    expect(readdirSync(join(folder, 'docker/secrets')).toSorted()).toEqual(demanded.map(String).toSorted());
    // Which image is run is for an upgrade to say, not for the first day.
    const variables = [...compose.matchAll(/\$\{(\w+):-([^}]*)\}/g)].filter(([, name]) => name !== 'TAX_CONTROL_TAG');
    expect(variables.length).toBeGreaterThan(0);
    for (const [, name = '', standard] of variables) expect([name, setting(name)]).toEqual([name, standard]);
  });

  it('makes passwords that differ, in a folder that nobody else can enter, and none in .env', () => {
    prepare();
    const secrets = join(folder, 'docker/secrets');
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    const passwords = readdirSync(secrets)
      .filter((name) => name.endsWith('_password'))
      .map((name) => readFileSync(join(secrets, name), 'utf8'));
    expect(new Set(passwords).size).toBe(passwords.length);
    for (const password of passwords) {
      expect(password).toMatch(/^[0-9a-f]{48}$/);
      expect(readFileSync(join(folder, '.env'), 'utf8')).not.toContain(password);
    }
  });

  it('tells the tills the first host, and certifies all of them and this machine', () => {
    expect(prepare('--host', 'tills.example.org', '--host', '192.0.2.7', '--environment', 'test').status).toBe(0);
    expect(setting('TERMINALS_ADDRESSES')).toBe('https://tills.example.org:8443 https://tills.example.org:8444');
    expect(setting('VERIFICATION_URL')).toBe('https://tills.example.org:9443');
    expect(setting('CERTIFICATE_HOSTS')).toBe('tills.example.org 192.0.2.7 localhost 127.0.0.1');
    expect(setting('ENVIRONMENT')).toBe('test');
  });

  it('puts an IPv6 address into brackets where it is told to the tills', () => {
    expect(prepare('--host', '2001:db8::7').status).toBe(0);
    expect(setting('VERIFICATION_URL')).toBe('https://[2001:db8::7]:9443');
    expect(setting('CERTIFICATE_HOSTS')).toBe('2001:db8::7 localhost 127.0.0.1');
  });

  it('changes nothing a second time, nor where one of the two is left', () => {
    prepare();
    const before = readFileSync(join(folder, 'docker/secrets/server_url'), 'utf8');
    expect(prepare()).toMatchObject({ status: 1, said: expect.stringMatching(/^\.env is there already/) as string });
    rmSync(join(folder, '.env'));
    expect(prepare()).toMatchObject({
      status: 1,
      said: expect.stringMatching(/^docker\/secrets is there already/) as string,
    });
    expect(readFileSync(join(folder, 'docker/secrets/server_url'), 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['docker']);
  });

  it.each([
    [['--host', 'https://tills.example.org'], 1, 'is no host name'],
    [['--host', 'a b'], 1, 'is no host name'],
    [['--host', '$(id)'], 1, 'is no host name'],
    [['--environment', 'staging'], 1, 'must be production or test'],
    [['--name', 'Big'], 1, '--name must'],
    [['--host'], 2, 'Usage:'],
    [['--hosts', 'x'], 2, 'Usage:'],
  ] as const)('refuses %j and writes nothing', (commandLine, status, why) => {
    expect(prepare(...commandLine)).toMatchObject({ status, said: expect.stringContaining(why) as string });
    expect(readdirSync(folder)).toEqual(['docker']);
  });
});
