import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Modes: keys and journals are their owner's alone; certificates are no secret, but nobody else writes them. */
export const SECRET_MODE = 0o600;
export const PUBLIC_MODE = 0o644;

/** Writes a file whole or not at all: after a power cut there is the old one or the new one, never half of either. */
export function writeDurably(file: string, content: string, mode: number): void {
  const draft = `${file}.draft`;
  const descriptor = openSync(draft, 'w', mode);
  try {
    // Not writeSync, which may write a part and say so in its result only.
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  moveDurably(draft, file);
}

/** Renames over whatever is there; on disk when it returns. */
export function moveDurably(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** Puts on disk which names a folder has. Windows knows no sync of a folder; its file system keeps a log of them. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export function readIfThere(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}
