import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KeyFilesError } from './key-files-error.js';

/** What the operating system says when it makes no folder, and what to do about it. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there. Make it as a user who may, or name another directory',
  EPERM: 'this user may not write there. Make it as a user who may, or name another directory',
  EROFS: 'the file system is read-only. Name another directory, or mount it writable',
  ENOSPC: 'the disk is full. Make room, or name another directory',
  EDQUOT: 'the quota of this user is used up. Make room, or name another directory',
  ENOTDIR: 'a part of that path is a file. Name another directory',
  EEXIST: 'there is a file of that name. Name another directory',
  ENAMETOOLONG: 'the name is too long. Name another directory',
  ENOENT: 'that file system takes no new folders. Name another directory',
};

/**
 * Makes a folder with all that is missing above it, as `mkdir -p` does. Node's own `recursive` never ends where making a folder fails
 * with ENOENT below one that is there (/proc): seen with Node 20 to 24.
 * @throws KeyFilesError that says why and what to do
 */
export async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await make(path, mode);
  } catch (error) {
    throw folderFault(path, error);
  }
}

/** What could not be made or written below a folder, in words. */
export function folderFault(path: string, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  const reason = REASONS[code];
  return reason === undefined ? error : new KeyFilesError(`${path} cannot be written: ${reason}.`);
}

async function make(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await isFolder(path))) return;
    if (code !== 'ENOENT' || (await isFolder(dirname(path)))) throw error;
    await make(dirname(path), mode);
    await mkdir(path, { mode });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
