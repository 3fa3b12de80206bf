import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import packed from '@sparticuz/chromium';
import { chromium } from 'playwright-core';

/** A Chromium that the tests can start, and where it came from. */
export interface FoundChromium {
  readonly executablePath: string;
  readonly args: readonly string[];
  readonly from: string;
}

/** Names under which systems have one; the rest is in folders that are in no PATH. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const FOLDERS_BESIDE_PATH = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
/** Containers seldom have the kernel's namespaces that the sandbox wants; the pages are our own. */
const ARGS = ['--no-sandbox'];

/**
 * The packed one has neither a GPU's driver nor the helper that forks. Its own list of arguments is not taken: with it
 * comes `--disable-web-security`, and a browser that sends no Origin tests another console than ours.
 */
const PACKED_ARGS = ['--disable-gpu', '--no-zygote'];

/**
 * Finds a Chromium on any machine: the one named in CHROMIUM_PATH, Playwright's own (`npx playwright install chromium`), the
 * system's, and else the one inside the npm package, which runs on Linux without anything else installed.
 */
export async function findChromium(): Promise<FoundChromium> {
  const { CHROMIUM_PATH: named } = process.env;
  if (named !== undefined) return { executablePath: named, args: ARGS, from: 'CHROMIUM_PATH' };
  const own = chromium.executablePath();
  if (existsSync(own)) return { executablePath: own, args: ARGS, from: 'Playwright' };
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const system = [...candidates, ...FOLDERS_BESIDE_PATH].find((path) => existsSync(path));
  if (system !== undefined) return { executablePath: system, args: ARGS, from: 'the system' };
  const executablePath = await unpackedChromium();
  return { executablePath, args: [...ARGS, ...PACKED_ARGS], from: 'the npm package @sparticuz/chromium' };
}

/** In the checkout, and gone with it: in the folder for temporary files it would belong to whoever unpacked it first. */
const CACHE = resolve('node_modules', '.cache', 'chromium');

/** Unpacked aside and moved into place whole, because two specs begin at once. */
async function unpackedChromium(): Promise<string> {
  const kept = join(CACHE, 'unpacked');
  const executable = join(kept, 'chromium');
  if (existsSync(executable)) return executable;
  await mkdir(CACHE, { recursive: true });
  const aside = await mkdtemp(join(CACHE, 'aside-'));
  const { TMPDIR } = process.env;
  // The package unpacks into the folder for temporary files, and takes no other.
  process.env['TMPDIR'] = aside;
  try {
    await packed.executablePath();
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
  }
  try {
    await rename(aside, kept);
  } catch (error) {
    if (!existsSync(executable)) throw error;
    await rm(aside, { recursive: true, force: true });
  }
  return executable;
}
