import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['src', 'test', 'tools', 'packages'];
/** The path of a file's address is encoded: in a folder with a blank or a letter beyond ASCII it names no file. `fileURLToPath` decodes it. */
const ENCODED_PATH = new RegExp(String.raw`import\.meta\.url\)\s*\.pathname`);

it('takes no path of a file from an address without decoding it', () => {
  const sources = FOLDERS.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.[jt]sx?$/.test(name) && !/(^|[\\/])(node_modules|dist)[\\/]/.test(name))
      .map((name) => join(folder, name)),
  );
  expect(sources.length).toBeGreaterThan(500);
  expect(sources.filter((name) => ENCODED_PATH.test(readFileSync(join(PROJECT, name), 'utf8')))).toEqual([]);
});
