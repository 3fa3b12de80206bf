import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
/// <reference lib="dom" />
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenConsole, openConsole } from './open-console.js';
import { VIEWS } from './views.js';

declare global {
  // What axe puts into the page that it looks at.
  // oxlint-disable-next-line no-var
  var axe: { run(options: RunOptions): Promise<AxeResults> };
}

const AXE_FILE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const NARROW = { width: 390, height: 844 };
const WIDE = { width: 1280, height: 900 };

let place: OpenConsole;
let axe: string;
let page: Page;

beforeAll(async () => {
  axe = await readFile(AXE_FILE, 'utf8');
  place = await openConsole();
  const official = await place.official({ roles: ['administrator', 'supervisor'] });
  page = await place.open('overview', official, { viewport: WIDE });
  await page.evaluate(axe);
});
afterAll(() => place.close());

/** What axe finds serious or worse, as sentences. */
async function faultsOf(of: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  await of.emulateMedia({ colorScheme });
  await of.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
  const { violations } = await of.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`));
}

/** Goes to a view as a click does, without loading the page anew, and waits until nothing is asked for. */
async function visit(view: string, heading: string): Promise<void> {
  await page.evaluate((path) => {
    history.pushState(null, '', path);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `/console/${view}`);
  await page.locator('#content').getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  await page.waitForFunction(() => document.querySelector('[role=status][aria-label], .old') === null);
}

describe.each(Object.entries(VIEWS))('%s', (view, heading) => {
  beforeAll(() => visit(view, heading));

  it('has no serious fault in light', async () => expect(await faultsOf(page, 'light')).toEqual([]));
  it('has no serious fault in dark', async () => expect(await faultsOf(page, 'dark')).toEqual([]));

  it('is not wider than a phone', async () => {
    await page.setViewportSize(NARROW);
    // Charts take their width from the page a moment after it has changed.
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    await expect.poll(width).toBeLessThanOrEqual(NARROW.width);
    await page.setViewportSize(WIDE);
  });
});

it('the sign-in has no serious fault', async () => {
  const visitor = await place.open('');
  await visitor.getByRole('heading', { name: 'Sign in' }).waitFor();
  await visitor.evaluate(axe);
  expect([...(await faultsOf(visitor, 'light')), ...(await faultsOf(visitor, 'dark'))]).toEqual([]);
});

it('no page threw anything, and the content security policy stopped nothing', () => expect(place.faults).toEqual([]));
