import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { project } from '../documents/pages.js';

const TESTS = ['docker/prometheus/alerts.test.yml', 'docker/prometheus/alerts-week.test.yml'];

const read = (file: string) => readFileSync(join(project, file), 'utf8');
const rules = read('docker/prometheus/alerts.yml');
const alerts = [...rules.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name = '']) => name);

describe('alerts and handbook', () => {
  it('have the same alerts, in the same order', () => {
    const sections = [...read('docs/operating/alerts.md').matchAll(/^## (TaxControl\w+)$/gm)].map(([, name]) => name);
    expect(sections).toEqual(alerts);
    expect(alerts.length).toBeGreaterThan(20);
  });

  it('lead from each alert to its section, which says what it means, where to look and what to do', () => {
    const anchors = [...rules.matchAll(/^ +handbook: (\S+)$/gm)].map(([, anchor]) => anchor);
    expect(anchors).toEqual(alerts.map((name) => `docs/operating/alerts.md#${name.toLowerCase()}`));
    const [, ...sections] = read('docs/operating/alerts.md').split(/^## /m);
    for (const section of sections)
      for (const word of ['**Means.**', '**Look.**', '**Do.**']) expect(section).toContain(word);
  });

  it('are each tried: quiet at first, then firing', () => {
    const tried = [
      ...TESTS.map(read)
        .join('')
        .matchAll(/^ +- name: (\w+)$/gm),
    ].map(([, name]) => name);
    expect(new Set(tried)).toEqual(new Set(alerts));
  });
});

/** Where a directory of PATH has it; Debian's package is named prometheus. */
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/** It makes a database for each alert, and waits for the disk at each: one in memory will do. */
const MEMORY = '/dev/shm';
const env = { PATH: process.env['PATH'], TMPDIR: existsSync(MEMORY) ? MEMORY : tmpdir() };

describe.skipIf(!hasPromtool)('promtool (skipped where it is not installed: apt-get install prometheus)', () => {
  it.each([
    ['check', 'config', 'docker/prometheus/prometheus.yml'],
    ['check', 'rules', 'docker/prometheus/alerts.yml'],
    ['test', 'rules', ...TESTS],
  ])('%s %s', async (...command) => {
    const { stderr } = await promisify(execFile)('promtool', command, { cwd: project, env });
    expect(stderr).toBe('');
  });
});
