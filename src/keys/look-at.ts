import { statSync } from 'node:fs';
import { join } from 'node:path';
import { listFolder } from './list-folder.js';

/**
 * How files look from outside: name, size, times, inode, rights. Rights too, since a file that others could read is refused until its
 * owner mends that. Symbolic links are followed, because that is how orchestrators exchange a mounted secret.
 */
export function lookAt(folders: readonly string[], files: readonly string[]): string {
  const inFolders = folders.flatMap((folder) => listFolder(folder).map((name) => join(folder, name)));
  return [...inFolders, ...files].map(lookAtFile).join('\n');
}

function lookAtFile(path: string): string {
  try {
    const { size, mtimeMs, ctimeMs, ino, mode } = statSync(path);
    return [path, size, mtimeMs, ctimeMs, ino, mode].join(' ');
  } catch {
    return `${path} -`;
  }
}
