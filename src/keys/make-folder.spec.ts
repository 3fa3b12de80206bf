import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KeyFilesError } from './key-files-error.js';
import { makeFolder } from './make-folder.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'make-folder-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('makes a folder and what is missing above it, for the owner only, again and again', async () => {
  const path = join(directory, 'a', 'b', 'c');
  await makeFolder(path, 0o700);
  await makeFolder(path, 0o700);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  expect((await stat(join(directory, 'a'))).mode & 0o777).toBe(0o700);
});

it('says what is in the way', async () => {
  await writeFile(join(directory, 'file'), '');
  await expect(makeFolder(join(directory, 'file'), 0o700)).rejects.toThrow(/there is a file of that name/);
  await expect(makeFolder(join(directory, 'file', 'x'), 0o700)).rejects.toThrow(/a part of that path is a file/);
});

// There is no /proc on macOS.
it.runIf(existsSync('/proc/self'))('ends where a file system takes no folders', async () => {
  await expect(makeFolder('/proc/x', 0o700)).rejects.toThrow(KeyFilesError);
  await expect(makeFolder('/proc/x/y', 0o700)).rejects.toThrow('that file system takes no new folders');
});
