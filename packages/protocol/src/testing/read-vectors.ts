import { readFileSync } from 'node:fs';

/** The contents of a file of test vectors (`vectors/<name>.json`), of which the caller knows the shape. */
export function readVectors(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), 'utf8')) as unknown;
}
