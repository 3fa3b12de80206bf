import { betterSqlite3Driver } from './better-sqlite3.js';
import { builtInDriver } from './built-in.js';
import type { Driver } from './driver.js';

let found: Driver | null | undefined;

/** The driver of this Node.js: its own SQLite, otherwise better-sqlite3; null when it has neither. */
export function availableDriver(): Driver | null {
  found ??= builtInDriver() ?? betterSqlite3Driver();
  return found;
}
