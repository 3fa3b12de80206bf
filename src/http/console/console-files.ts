import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** What the build makes, by ending. A file of another kind is not served. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
};
const PAGE_FILE = 'index.html';
const ASSETS_FOLDER = 'assets';

/** A file as it is sent: its name has a fingerprint of its content, so it never changes. */
export interface ConsoleAsset {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
}

/** `packages/console/dist/pages`, seen from `src/` and from `dist/src/` alike. */
function builtPages(): string {
  const above = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
  return join(basename(above) === 'dist' ? dirname(above) : above, 'packages/console/dist/pages');
}

/**
 * The console's files as the build left them. They are read and compressed when they are first asked for, off the event
 * loop, and kept: some 2 MB for all of them. Which there are is known from the start; no name from outside meets the disk.
 */
export class ConsoleFiles {
  readonly #names: ReadonlySet<string>;
  readonly #assets = new Map<string, Promise<ConsoleAsset>>();
  #page: Promise<string> | undefined;

  constructor(private readonly folder: string = builtPages()) {
    this.#names = new Set(listOf(join(folder, ASSETS_FOLDER)).filter((name) => extname(name) in MEDIA_TYPES));
  }

  /** Whether the console was built; a server works without it. */
  get areBuilt(): boolean {
    return this.#names.size > 0;
  }

  /** The page around every view, with the nonce for its styles left open. */
  page(): Promise<string> {
    this.#page ??= readFile(join(this.folder, PAGE_FILE), 'utf8');
    return this.#page;
  }

  /** A file by its name; null for any name that the build did not give. */
  async asset(name: string): Promise<ConsoleAsset | null> {
    if (!this.#names.has(name)) return null;
    const known = this.#assets.get(name) ?? read(join(this.folder, ASSETS_FOLDER, name));
    this.#assets.set(name, known);
    return known;
  }
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function read(path: string): Promise<ConsoleAsset> {
  const bytes = await readFile(path);
  return { mediaType: MEDIA_TYPES[extname(path)] ?? '', bytes, gzipped: await promisify(gzip)(bytes) };
}
