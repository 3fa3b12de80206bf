import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { canEnter, postgresUser, runAs } from './system-user.js';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tax-control-system-user-spec-'));
  chmodSync(directory, 0o711);
});

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

describe('runAs', () => {
  it('hands none of our own environment on but the path', () => {
    vi.stubEnv('PGDATA', '/elsewhere');
    vi.stubEnv('LD_PRELOAD', '/of/ours/alone.so');
    for (const user of [undefined, { name: 'nobody', uid: 65534, gid: 65534 }]) {
      expect(runAs(user).env).toEqual({ PATH: process.env['PATH'], LC_ALL: 'C' });
    }
  });
});

describe.runIf(process.getuid?.() === 0)('canEnter, as root', () => {
  it('asks the kernel', () => {
    const open = join(directory, 'open folder');
    const closed = join(directory, 'closed');
    mkdirSync(open);
    chmodSync(open, 0o711);
    mkdirSync(closed, { mode: 0o700 });
    expect(canEnter(postgresUser(), open)).toBe(true);
    expect(canEnter(postgresUser(), closed)).toBe(false);
    expect(canEnter(postgresUser(), join(directory, 'missing'))).toBe(false);
  });

  it('takes no failure of the asking for an answer', () => {
    // setuid(-1) is refused, so the shell does not begin.
    const nobody = { name: 'nobody at all', uid: -1, gid: -1 };
    expect(() => canEnter(nobody, directory)).toThrow(/nobody at all.*could not be asked/);
  });
});
