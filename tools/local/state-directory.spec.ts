import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identifyProcess } from './process-identity.js';
import { assertOurs, claimDirectory, defaultStateDirectory, markAsOurs } from './state-directory.js';

let directory: string;
let other: ChildProcess;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tax-control-state-'));
  other = spawn('sleep', ['60']);
  await once(other, 'spawn');
});

afterEach(() => {
  other.kill();
  rmSync(directory, { recursive: true, force: true });
});

describe('claimDirectory', () => {
  const manager = (): string => join(directory, 'manager.json');

  it('is held by one, and can be had again when it was given back', () => {
    const claim = claimDirectory(directory);
    expect(() => claimDirectory(directory)).toThrow(`It runs already, as process ${process.pid}`);
    claim.release();
    claimDirectory(directory).release();
    expect(existsSync(manager())).toBe(false);
  });

  it('is refused while another process lives that holds it', () => {
    writeFileSync(manager(), JSON.stringify(identifyProcess(other.pid!)));
    expect(() => claimDirectory(directory)).toThrow(new RegExp(`process ${other.pid!}.*--directory`));
  });

  it('is not held by a process that is gone, nor by a later one with its number', async () => {
    const identity = identifyProcess(other.pid!)!;
    writeFileSync(manager(), JSON.stringify({ ...identity, startedAt: 'some other time' }));
    expect(() => claimDirectory(directory).release()).not.toThrow();
    writeFileSync(manager(), JSON.stringify(identity));
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(() => claimDirectory(directory).release()).not.toThrow();
  });

  it.each(['', '{', 'null', '{"pid":1}'])('is not held by a file that says %j', (text) => {
    writeFileSync(manager(), text);
    expect(() => claimDirectory(directory).release()).not.toThrow();
  });
});

describe('the state folder', () => {
  it('is in the project where PostgreSQL can reach it', () => {
    chmodSync(directory, 0o755);
    expect(defaultStateDirectory(directory)).toBe(join(directory, '.local'));
  });

  it.runIf(process.getuid?.() === 0)('is elsewhere, by a name of its own, where as root it can not', () => {
    chmodSync(directory, 0o700);
    const elsewhere = defaultStateDirectory(directory);
    expect(elsewhere).toMatch(/^\/var\/tmp\/tax-control-local-[0-9a-f]{12}$/);
    mkdirSync(join(directory, 'second'), { mode: 0o700 });
    expect(defaultStateDirectory(join(directory, 'second'))).not.toBe(elsewhere);
  });

  it('must be a folder of ours that nobody else can write', () => {
    const state = join(directory, 'state');
    expect(() => assertOurs(state)).not.toThrow();
    mkdirSync(state, { mode: 0o711 });
    expect(() => assertOurs(state)).not.toThrow();
    chmodSync(state, 0o777);
    expect(() => assertOurs(state)).toThrow(/Look whose it is/);
    symlinkSync(state, join(directory, 'link'));
    expect(() => assertOurs(join(directory, 'link'))).toThrow(/Look whose it is/);
  });
});

it('leaves a folder alone that has other things in it', () => {
  writeFileSync(join(directory, 'letter.txt'), '');
  expect(() => assertOurs(directory)).toThrow(/other things in it/);
  markAsOurs(directory);
  expect(() => assertOurs(directory)).not.toThrow();
});
