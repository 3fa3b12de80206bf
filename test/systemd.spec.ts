import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project, readPage } from './documents/pages.js';

const PROGRAM = '/opt/tax-control/current/';
const unit = readPage('docs/operating/systemd/tax-control.service').text;
const settings = readPage('docs/operating/systemd/settings').text;
const command = readPage('docs/operating/systemd/tax-control').text;
const page = readPage('docs/operating/several-machines.md').text;
const example = readPage('.env.example').text;

/** Values of one key of the unit. */
function valuesOf(key: string): string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

/** The source of a compiled file of the installed program. */
function sourceOf(path: string): string {
  return path
    .replace(PROGRAM, '')
    .replace(/^dist\//, '')
    .replace(/\.js$/, '.ts');
}

/** Names of settings that a text of NAME=value lines sets, switched off or not. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name);
}

describe('the unit of a server', () => {
  it('starts a program that there is', () => {
    const programs = [
      ...unit.matchAll(/\/opt\/tax-control\/current\/\S+/g),
      ...command.matchAll(/\/opt\/tax-control\/current\/\S+/g),
    ];
    expect(programs).toHaveLength(3);
    expect(programs.filter(([path]) => !existsSync(join(project, sourceOf(path))))).toEqual([]);
    const { scripts } = JSON.parse(readPage('package.json').text) as { scripts: Record<string, string> };
    expect(valuesOf('ExecStart')).toEqual([
      scripts['start:server']?.replace('node ', '/usr/bin/node ').replace('dist/', `${PROGRAM}dist/`),
    ]);
  });

  it('sets settings that there are', () => {
    const known = new Set(namesIn(example).flatMap((name) => [name, `${name}_FILE`]));
    const set = [...valuesOf('Environment').map((value) => value.split('=')[0] ?? ''), ...namesIn(settings)];
    expect(set.filter((name) => name !== 'NODE_ENV' && !known.has(name))).toEqual([]);
    expect(set).toEqual(expect.arrayContaining(['DATABASE_URL_FILE', 'KEYS_DIRECTORY', 'RECOVERY_LOG_DIRECTORY']));
  });

  it('reads files, and writes to folders, that the page makes', () => {
    const paths = [
      ...valuesOf('EnvironmentFile'),
      ...valuesOf('RequiresMountsFor'),
      ...valuesOf('Environment').flatMap((value) => value.match(/\/.*$/) ?? []),
      ...[...settings.matchAll(/^[A-Z_]+=(\/.*)$/gm)].map(([, path = '']) => path),
    ];
    expect(paths.length).toBeGreaterThan(4);
    expect(paths.filter((path) => !page.includes(path))).toEqual([]);
  });

  it('gives a server the time that it needs to stop', () => {
    const [, limitMs = ''] = /END_TIMEOUT_MS = ([\d_]+)/.exec(readPage('src/http/end-on-signals.ts').text) ?? [];
    expect(Number(valuesOf('TimeoutStopSec')[0]) * 1_000).toBeGreaterThan(Number(limitMs.replaceAll('_', '')));
  });

  it.runIf(existsSync('/usr/bin/systemd-analyze'))('is one that systemd understands (where there is systemd)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tax-control-unit-'));
    const file = join(folder, 'tax-control.service');
    writeFileSync(file, unit.replaceAll('/usr/bin/node', process.execPath));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(stderr.split('\n').filter((line) => line.includes('tax-control'))).toEqual([]);
    expect(status).toBe(0);
  });
});

it('the command for root is a shell script that can be run', () => {
  const file = join(project, 'docs/operating/systemd/tax-control');
  expect(statSync(file).mode & 0o111).not.toBe(0);
  expect(() => execFileSync('sh', ['-n', file])).not.toThrow();
  for (const [path] of command.matchAll(/\/etc\/tax-control\b\S*/g))
    expect(page).toContain(path.replace(/["}].*$/, ''));
  expect(readFileSync(file, 'utf8')).toMatch(/^#!\/bin\/sh\n/);
});
