import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
/// <reference lib="dom" />
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenConsole, openConsole } from './open-console.js';
import { VIEWS } from './views.js';

declare global {
  // What axe puts into the page that it looks at.
  // oxlint-disable-next-line no-var
  var axe: { run(): Promise<AxeResults> };
}

const AXE_FILE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const NARROW = { width: 390, height: 844 };

let place: OpenConsole;
let axe: string;
const pages = {} as Record<'light' | 'dark', Page>;

beforeAll(async () => {
  axe = await readFile(AXE_FILE, 'utf8');
  place = await openConsole();
  const official = await place.official({ roles: ['administrator', 'supervisor'] });
  for (const colorScheme of ['light', 'dark'] as const)
    pages[colorScheme] = await place.open('overview', official, { colorScheme });
});
afterAll(() => place.close());

/** What axe finds serious or worse, as sentences. */
async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`));
}

/** Goes to a view as a click does, without loading the page anew, and waits until nothing is asked for. */
async function visit(page: Page, view: string): Promise<void> {
  await page.goto(`/console/${view}`);
  await page.locator('#content h1').waitFor();
  await page.waitForFunction(() => document.querySelector('[role=status][aria-label], .old') === null);
}

describe.each(['light', 'dark'] as const)('%s', (scheme) => {
  it.each(Object.entries(VIEWS))('%s has no serious fault', async (view, heading) => {
    const page = pages[scheme];
    await visit(page, view);
    expect(await page.locator('#content h1').textContent()).toBe(heading);
    expect(await faultsOf(page)).toEqual([]);
  });

  it('sign-in has no serious fault', async () => {
    const page = await place.open('', null, { colorScheme: scheme });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.context().close();
  });
});

describe('on a phone', () => {
  it('no view is wider than the screen', async () => {
    const page = pages.light;
    await page.setViewportSize(NARROW);
    const tooWide: string[] = [];
    for (const view of Object.keys(VIEWS)) {
      await visit(page, view);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > NARROW.width) tooWide.push(`${view}: ${width} px`);
    }
    expect(tooWide).toEqual([]);
  });
});

it('no page threw anything, and the content security policy stopped nothing', () => expect(place.faults).toEqual([]));
