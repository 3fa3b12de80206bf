import { chmod, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KeyFilesError } from './key-files-error.js';
import { folderFault, makeFolder } from './make-folder.js';
import type { KeyFile } from './make-parts.js';

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;

/** Prefix of the folder in which a set is prepared; one that was left behind by a crash was never used. */
const UNFINISHED = '.unfinished-';

/** What a file system or a container puts into an empty volume. */
const IGNORED = new Set(['lost+found', '.gitkeep']);

/**
 * Writes a set of keys into an empty directory (made if missing), whole or not at all, synced to disk, for the owner
 * only. Never overwrites: the first entry that is moved into place belongs to whoever came first.
 * @throws KeyFilesError when something is there already
 */
export async function writeKeys(root: string, files: readonly KeyFile[]): Promise<void> {
  await makeFolder(root, OWNER_ONLY_FOLDER);
  try {
    await writeWhole(root, files);
  } catch (error) {
    throw folderFault(root, error);
  }
}

async function writeWhole(root: string, files: readonly KeyFile[]): Promise<void> {
  await refuseUnlessEmpty(root);
  const staging = await mkdtemp(join(root, UNFINISHED));
  try {
    await chmod(staging, OWNER_ONLY_FOLDER);
    for (const file of files) await writeFile(join(staging, file.path), file.content);
    // In alphabetical order: the folder `ca` comes first and decides who owns the directory.
    for (const entry of (await readdir(staging)).sort()) await moveIntoPlace(join(staging, entry), join(root, entry));
    await syncFolder(root);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/**
 * Puts other files in place of one folder of a keys directory; the folder as it was stays beside it under another name.
 * @returns that name
 */
export async function replaceFolder(
  root: string,
  folder: string,
  files: readonly KeyFile[],
  now: Date,
): Promise<string> {
  const before = await freeName(root, `${folder}.until-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`);
  const staging = await mkdtemp(join(root, UNFINISHED));
  try {
    for (const file of files) await writeFile(join(staging, file.path), file.content);
    await rename(join(root, folder), join(root, before));
    try {
      await rename(join(staging, folder), join(root, folder));
    } catch (error) {
      await rename(join(root, before), join(root, folder));
      throw error;
    }
    await syncFolder(root);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return before;
}

/**
 * Puts single files in their places, in order, each whole or not at all and synced to disk. What was there is replaced: a server that
 * looks in between must find a set that fits, so the order is the caller's care.
 */
export async function placeFiles(root: string, files: readonly KeyFile[]): Promise<void> {
  const staging = await mkdtemp(join(root, UNFINISHED));
  try {
    for (const file of files) {
      await writeFile(join(staging, file.path), file.content);
      await rename(join(staging, file.path), join(root, file.path));
      await syncFolder(dirname(join(root, file.path)));
    }
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Gives a file its place under another name, in place of what is there. */
export async function moveFile(root: string, from: string, to: string): Promise<void> {
  await rename(join(root, from), join(root, to));
  await syncFolder(dirname(join(root, to)));
}

/** A name that nothing has yet: one that was replaced twice in a second is kept twice. */
async function freeName(root: string, name: string): Promise<string> {
  const taken = (await readdir(root)).filter((other) => other.startsWith(name)).length;
  return taken === 0 ? name : `${name}-${taken + 1}`;
}

async function refuseUnlessEmpty(root: string): Promise<void> {
  const entries = (await readdir(root)).filter((name) => !IGNORED.has(name) && !name.startsWith(UNFINISHED));
  if (entries.length > 0) throw occupied(root);
}

function occupied(root: string): KeyFilesError {
  return new KeyFilesError(
    `${root} is not empty, and keys are never overwritten. Name another directory; ` +
      `or, if no server has ever used these keys, remove the directory yourself and try again.`,
  );
}

async function writeFile(path: string, content: string): Promise<void> {
  await makeFolder(dirname(path), OWNER_ONLY_FOLDER);
  const file = await open(path, 'wx', OWNER_ONLY_FILE);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
}

/** Renaming a folder onto one that is not empty fails, so two makers at once cannot mix their sets. */
async function moveIntoPlace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') throw occupied(dirname(to));
    throw error;
  }
}

/** Has the names in a folder on disk. */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders; there the rename itself is journaled.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
