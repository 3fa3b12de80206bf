import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';

const calls: string[] = [];

// The real calls, noted as they pass: what is synced cannot be seen from outside without a power cut.
vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>();
  const kindOf = (descriptor: number) => (real.fstatSync(descriptor).isDirectory() ? 'folder' : 'file');
  return {
    ...real,
    fsyncSync: (descriptor: number) => {
      const size = real.fstatSync(descriptor).size;
      calls.push(kindOf(descriptor) === 'folder' ? 'sync folder' : `sync file of ${size} bytes`);
      real.fsyncSync(descriptor);
    },
    renameSync: (from: string, to: string) => {
      calls.push('rename');
      real.renameSync(from, to);
    },
  };
});

// Another spec may have loaded it before, with calls that nobody notes.
vi.resetModules();
const { SECRET_MODE, writeDurably } = await import('./durable-file.js');

const directory = mkdtempSync(join(tmpdir(), 'durable-'));
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => void calls.splice(0));

describe('a file that must outlive a power cut', () => {
  it('is whole and synced before it takes its name, and so is the name', () => {
    const file = join(directory, 'key.pem');
    writeDurably(file, 'old', SECRET_MODE);
    calls.splice(0);
    const content = 'k'.repeat(10_000);
    writeDurably(file, content, SECRET_MODE);
    const nameSync = process.platform === 'win32' ? [] : ['sync folder'];
    expect(calls).toEqual(['sync file of 10000 bytes', 'rename', ...nameSync]);
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect(readdirSync(directory)).toEqual(['key.pem']);
  });

  it.skipIf(process.platform === 'win32')('is its owner’s alone, as was its draft', () => {
    const file = join(directory, 'secret.pem');
    writeDurably(file, 'secret', SECRET_MODE);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
