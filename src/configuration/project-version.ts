import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version in package.json, in the project's root, seen from `src/` and from `dist/src/` alike. */
export function projectVersion(): string {
  const above = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const root = basename(above) === 'dist' ? dirname(above) : above;
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }).version;
}
