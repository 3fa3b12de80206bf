import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
/// <reference lib="dom" />
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeptTables } from '../../src/log-analytics/kept/kept-tables.js';
import { type OpenConsole, openConsole } from './open-console.js';
import { NORTH_TILLS, type Town } from './town.js';
import { VIEWS } from './views.js';

declare global {
  // What axe puts into the page that it looks at.
  // oxlint-disable-next-line no-var
  var axe: { run(options: RunOptions): Promise<AxeResults> };
}

const AXE_FILE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const NARROW = { width: 390, height: 844 };
const WIDE = { width: 1280, height: 900 };
/** What screens of offices have at least. */
const OFFICE = { width: 1360, height: 768 };

/** A small office screen, a usual one at 200 %, and a phone. */
const SCREENS = [
  ['a small screen', { width: 1024, height: 768 }],
  ['a screen at 200 %', { width: 640, height: 450 }],
  ['a phone', NARROW],
] as const;

let place: OpenConsole;
let axe: string;
let page: Page;

beforeAll(async () => {
  axe = await readFile(AXE_FILE, 'utf8');
  place = await openConsole();
  // Before the first look at them: the page keeps what it was told.
  await place.server.running.application.get(KeptTables).catchUp();
  const official = await place.official({ roles: ['administrator', 'supervisor'] });
  page = await place.open('overview', official, { viewport: WIDE });
  await page.evaluate(axe);
});
afterAll(() => place.close());

/** What axe finds serious or worse, as sentences. */
async function seriousFaults(of: Page): Promise<string[]> {
  const { violations } = await of.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`));
}

/** Cells of tables that nobody can read: a few letters a line, or as high as a paragraph. */
function unreadableCells(of: Page): Promise<string[]> {
  return of.evaluate(() => {
    const CELL_PX_MAX = 150;
    const LETTERS_A_LINE_MIN = 10;
    /** Shorter texts fit into a line or two wherever they stand. */
    const LETTERS_MIN = 30;
    return [...document.querySelectorAll<HTMLElement>('.data-table tbody td > div')].flatMap((cell) => {
      const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
      const bottoms = new Set<number>();
      while (texts.nextNode() !== null) {
        const range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        for (const { bottom } of range.getClientRects()) bottoms.add(Math.round(bottom / 4));
      }
      const lines = bottoms.size;
      const letters = cell.innerText.trim().length;
      const said = `${cell.closest('table')?.caption?.textContent}: "${cell.innerText.slice(0, 60)}"`;
      if (cell.getBoundingClientRect().height > CELL_PX_MAX) return [`${said} is ${cell.offsetHeight} px high`];
      if (letters >= LETTERS_MIN && letters / lines < LETTERS_A_LINE_MIN) return [`${said} takes ${lines} lines`];
      return [];
    });
  });
}

/** The same of a page of the console. */
async function faultsOf(of: Page, colorScheme: 'light' | 'dark'): Promise<string[]> {
  await of.emulateMedia({ colorScheme });
  await of.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor();
  return seriousFaults(of);
}

/**
 * Goes to a view as a click does, without loading the page anew, and waits until nothing is asked for.
 * @param state what the click hands over beside the address
 */
async function visit(view: string, heading: string | RegExp, state: object = {}): Promise<void> {
  await page.evaluate(
    ([path, handed]) => {
      history.pushState({ usr: handed }, '', path);
      dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
    },
    [`/console/${view}`, state] as const,
  );
  await page.locator('#content').getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  await page.waitForFunction(() => document.querySelector('[role=status][aria-label], .old') === null);
}

function looksWell(): void {
  it('has no serious fault in light', async () => expect(await faultsOf(page, 'light')).toEqual([]));
  it('has no serious fault in dark', async () => expect(await faultsOf(page, 'dark')).toEqual([]));

  it('is not wider than a phone', async () => {
    await page.setViewportSize(NARROW);
    // Charts take their width from the page a moment after it has changed.
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    await expect.poll(width).toBeLessThanOrEqual(NARROW.width);
    await page.setViewportSize(WIDE);
  });

  it.each(SCREENS)('has tables whose rows can be read on %s', async (_, viewport) => {
    await page.setViewportSize(viewport);
    await expect.poll(() => unreadableCells(page)).toEqual([]);
    await page.setViewportSize(WIDE);
  });
}

describe.each(Object.entries(VIEWS))('%s', (view, heading) => {
  beforeAll(() => visit(view, heading));
  looksWell();
});

describe('one incident', () => {
  beforeAll(async () => {
    await visit('incidents', 'Incidents');
    const link = page.getByRole('region', { name: 'Incidents', exact: true }).getByRole('link').first();
    await visit(`incidents/${(await link.getAttribute('href'))?.split('/').at(-1) ?? ''}`, /North/);
  });
  looksWell();

  it('has links that can be read on the row under the mouse', async () => {
    await page.getByRole('link', { name: 'north-1' }).hover();
    expect([...(await faultsOf(page, 'light')), ...(await faultsOf(page, 'dark'))]).toEqual([]);
  });

  it('says why it is named so', async () => {
    const why = page.getByRole('region', { name: 'Why it is named so' });
    expect(await why.textContent()).toContain(`${NORTH_TILLS} of ${NORTH_TILLS} tills in use in this shop`);
  });

  it('stands with the others in a table that needs no scrolling on an office screen', async () => {
    await page.setViewportSize(OFFICE);
    await visit('incidents', 'Incidents');
    const table = page.getByRole('group', { name: 'Incidents', exact: true });
    expect(await table.getByRole('row').count()).toBeGreaterThan(1);
    const spare = () => table.evaluate((node) => node.clientWidth - node.scrollWidth);
    await expect.poll(spare).toBeGreaterThanOrEqual(0);
    await page.setViewportSize(WIDE);
  });
});

describe('invoices that were found', () => {
  beforeAll(async () => {
    await visit('invoices?terminalId=south-1', 'Invoices');
    await page.getByRole('textbox', { name: 'Reason' }).fill('Complaint of a customer');
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Invoices found' }).getByRole('link').first().waitFor();
  });
  looksWell();
});

describe('one invoice', () => {
  beforeAll(async () => {
    const { invoice } = place.town.soldSouth[0]!;
    await visit(`invoices/south-1/${invoice.id}`, /^Invoice/, { reason: 'Complaint of a customer' });
    await page.getByRole('region', { name: 'Signed bytes' }).waitFor();
  });
  looksWell();
});

describe('the pages of the receipt', () => {
  const paths: Readonly<Record<string, (town: Town) => string>> = {
    'the start': () => '/v',
    'a code': ({ codeSouth }) => `/v/${codeSouth}`,
    'a code in Chinese': ({ codeSouth }) => `/v/${codeSouth}?lang=zh-CN`,
    'a code with its total': ({ codeSouth, soldSouth: [sold] }) =>
      `/v/${codeSouth}?total=${(sold?.invoice.total ?? 0) / 100}`,
    'a code with another total': ({ codeSouth }) => `/v/${codeSouth}?total=0.01`,
    'a code with a typing error': () => '/v/12345678901234567890',
    'a receipt printed offline': ({ waited: [sold] }) =>
      `/v/${sold?.invoice.terminalId ?? ''}/${sold?.invoice.id ?? ''}`,
  };
  let customer: Page;
  beforeAll(async () => void (customer = await place.open('sign-in', null, { viewport: NARROW })));

  it.each(Object.entries(paths))('%s has no serious fault, and is not wider than a phone', async (_, pathOf) => {
    await customer.goto(pathOf(place.town));
    await customer.locator('h1').waitFor();
    for (const details of await customer.locator('details').all()) await details.locator('summary').click();
    await customer.evaluate(axe);
    for (const colorScheme of ['light', 'dark'] as const) {
      await customer.emulateMedia({ colorScheme });
      expect(await seriousFaults(customer)).toEqual([]);
    }
    expect(await customer.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(NARROW.width);
  });
});

it('the sign-in has no serious fault', async () => {
  const visitor = await place.open('');
  await visitor.getByRole('heading', { name: 'Sign in' }).waitFor();
  await visitor.evaluate(axe);
  expect([...(await faultsOf(visitor, 'light')), ...(await faultsOf(visitor, 'dark'))]).toEqual([]);
});

it('no page threw anything, and the content security policy stopped nothing', () => expect(place.faults).toEqual([]));
