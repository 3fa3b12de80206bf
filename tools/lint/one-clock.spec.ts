import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const OXLINT = join(dirname(createRequire(import.meta.url).resolve('oxlint/package.json')), 'bin', 'oxlint');
const PLUGIN = fileURLToPath(new URL('one-clock.js', import.meta.url));

const REJECTED = ['Date.now();', "Date['now']();", 'const now = Date.now;', 'new Date();', 'new Date;', 'Date();'];
const ACCEPTED = ['new Date(0);', 'new Date(clock.now());', 'Date.parse(text);', 'Date.UTC(2026, 0);', 'new Map();'];

/** Lines of a source that the rule rejects. */
let rejected: readonly string[];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'one-clock-'));
  await writeFile(
    join(folder, '.oxlintrc.json'),
    JSON.stringify({ jsPlugins: [PLUGIN], categories: { correctness: 'off' }, rules: { 'house/one-clock': 'error' } }),
  );
  const lines = [...REJECTED, ...ACCEPTED];
  await writeFile(join(folder, 'source.ts'), lines.join('\n'));
  const out = await lint('--format', 'unix', 'source.ts');
  rejected = [...out.matchAll(/^.*source\.ts:(\d+):\d+: Take the time from the Clock/gm)].map(
    ([, line]) => lines[Number(line) - 1] ?? '',
  );
});
afterAll(() => rm(folder, { recursive: true }));

/** What oxlint prints; it ends with 1 where it rejects something. */
function lint(...words: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [OXLINT, ...words], { cwd: folder }, (_, out, errors) => resolve(out + errors));
  });
}

it('rejects each way to ask the computer for the time, and accepts dates of given values', () => {
  expect(rejected).toEqual(REJECTED);
});
