import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Makes a folder beside `path` in which to prepare it, to be renamed when it is whole. Each attempt has its own: if we
 * are killed, a program that we started may go on working in the old one for a while.
 */
export function makeUnfinished(path: string): string {
  return mkdtempSync(prefixOf(path));
}

/** Deletes what earlier attempts left; what can't be deleted yet, because somebody still works in it, the next time. */
export function removeUnfinished(path: string): void {
  const prefix = basename(prefixOf(path));
  for (const name of readdirSync(dirname(path)).filter((one) => one.startsWith(prefix))) {
    try {
      rmSync(join(dirname(path), name), { recursive: true, force: true });
    } catch {
      continue;
    }
  }
}

function prefixOf(path: string): string {
  return `${path}.unfinished-`;
}
