import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecoveryEntry } from './entries.js';
import { readRecoveryLog } from './read-recovery-log.js';
import { openRecoveryLog, prepareRecoveryLog, RecoveryLogUnavailable } from './recovery-log.js';

let parent: string;
let directory: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'recovery-log-'));
  directory = join(parent, 'log');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

function suspended(terminalId: string, at: string): RecoveryEntry {
  return { kind: 'terminal_status', at, terminalId, status: 'suspended', reason: null };
}

const EARLIER = suspended('T1', '2026-03-01T10:00:00.000Z');
const LATER = suspended('T2', '2026-03-01T11:00:00.000Z');
const NOW_MS = Date.parse('2026-03-01T12:00:00.123Z');

describe('the recovery log', () => {
  it('gives back what several processes wrote, by time, and the highest number', async () => {
    const [one, other] = [openRecoveryLog(directory, NOW_MS), openRecoveryLog(directory, NOW_MS)];
    await one.append(LATER);
    await Promise.all([
      other.append(EARLIER, { kind: 'numbers_given', at: EARLIER.at, number: 7 }),
      one.append({ kind: 'numbers_given', at: EARLIER.at, number: 5 }),
    ]);
    expect(await readRecoveryLog(directory)).toEqual({
      files: 2,
      entries: [EARLIER, LATER],
      highestNumbers: { production: 7, test: null },
      unreadable: [],
    });
  });

  it('keeps the numbers of the two environments apart, where one folder serves both', async () => {
    await openRecoveryLog(directory, NOW_MS).append(
      { kind: 'numbers_given', at: EARLIER.at, number: 900_000_000_005 },
      { kind: 'numbers_given', at: LATER.at, number: 7 },
    );
    expect(await readRecoveryLog(directory)).toMatchObject({
      highestNumbers: { production: 7, test: 900_000_000_005 },
    });
  });

  it('is for its owner alone and named by its time, and a process that writes nothing makes no file', async () => {
    openRecoveryLog(directory, NOW_MS);
    await openRecoveryLog(directory, NOW_MS).append(EARLIER);
    const [file, ...more] = readdirSync(directory);
    expect(more).toEqual([]);
    expect(file).toMatch(/^2026-03-01T12-00-00-123Z-[0-9a-f]{8}\.jsonl$/);
    expect([statSync(directory).mode & 0o777, statSync(join(directory, file!)).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('passes by a line that was cut off, names it, and loses none behind it', async () => {
    const log = openRecoveryLog(directory, NOW_MS);
    await log.append(EARLIER);
    const [file] = readdirSync(directory);
    appendFileSync(join(directory, file!), '{"kind":"terminal_status","at":"2026-03-0');
    await log.append(LATER);
    const { entries, unreadable } = await readRecoveryLog(directory);
    expect([entries, unreadable]).toEqual([[EARLIER, LATER], [`${file}:3`]]);
  });

  it.each([
    ['of a kind that it does not know', { kind: 'terminal_sold', at: EARLIER.at }],
    ['named like a part of every object', { kind: 'constructor', at: EARLIER.at }],
    ['without a member', { kind: 'terminal_status', at: EARLIER.at, terminalId: 'T1', status: 'revoked' }],
    ['with no time', { ...EARLIER, at: 'at noon' }],
    ['with another type', { kind: 'numbers_given', at: EARLIER.at, number: '7' }],
    ['that is no object', null],
  ])('believes no entry %s', async (_, entry) => {
    await prepareRecoveryLog(directory);
    writeFileSync(join(directory, 'a.jsonl'), `${JSON.stringify(entry)}\n`);
    expect(await readRecoveryLog(directory)).toMatchObject({ entries: [], unreadable: ['a.jsonl:1'] });
  });

  it('holds nothing where there is no folder yet, and writes nothing where none is set', async () => {
    expect(await readRecoveryLog(directory)).toMatchObject({
      files: 0,
      entries: [],
      highestNumbers: { production: null, test: null },
    });
    await expect(openRecoveryLog(null, NOW_MS).append(EARLIER)).resolves.toBeUndefined();
  });

  it('says what to do where it cannot be written, and writes again when it can', async () => {
    const log = openRecoveryLog(directory, NOW_MS);
    // A file where the folder should be: that stops root too.
    writeFileSync(directory, '');
    await expect(log.append(EARLIER)).rejects.toThrow(RecoveryLogUnavailable);
    await expect(log.append(EARLIER)).rejects.toThrow(/See that RECOVERY_LOG_DIRECTORY is there/);
    await expect(prepareRecoveryLog(directory)).rejects.toThrow(RecoveryLogUnavailable);
    rmSync(directory);
    await log.append(LATER);
    expect((await readRecoveryLog(directory)).entries).toEqual([LATER]);
  });

  it('makes no folders above it: the disk that it should lie on is not there', async () => {
    await expect(prepareRecoveryLog(join(directory, 'log'))).rejects.toThrow(/ENOENT.*RECOVERY_LOG_DIRECTORY/);
    expect(readdirSync(parent)).toEqual([]);
  });

  // There is no /proc on macOS; Node's own recursive mkdir never ends there.
  it.runIf(existsSync('/proc/self'))('ends where a file system takes no folders', async () => {
    await expect(prepareRecoveryLog('/proc/x')).rejects.toThrow(RecoveryLogUnavailable);
    await expect(openRecoveryLog('/proc/x', NOW_MS).append(EARLIER)).rejects.toThrow(RecoveryLogUnavailable);
  });
});
