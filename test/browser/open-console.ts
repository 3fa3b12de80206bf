import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { makeGround, startTestServer, type TestServer } from '../support/server.js';
import { addOfficial, type OfficialOptions, originOf, type TestOfficial } from '../support/officials.js';
import { publishParameters } from '../issuance/office.js';
import { findChromium } from './find-chromium.js';
import { makeTown, type Town } from './town.js';

/** A server with a town of shops behind it, and a browser before it. */
export interface OpenConsole {
  readonly server: TestServer;
  readonly town: Town;
  official(options?: OfficialOptions): Promise<TestOfficial>;
  /** A tab of a browser of its own, signed in unless nobody is named, at a view of the console. */
  open(view: string, official?: TestOfficial | null, options?: BrowserContextOptions): Promise<Page>;
  /** What pages threw, and what the content security policy stopped, since the start. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

/** A page that hangs shall fail its test with a sentence: below the bound of a test, above what a busy machine needs. */
const ACTION_TIMEOUT_MS = 60_000;

export async function openConsole(): Promise<OpenConsole> {
  const found = await findChromium();
  const browser = await chromium.launch({ executablePath: found.executablePath, args: [...found.args] });
  process.stdout.write(`The browser tests run in Chromium ${browser.version()}, from ${found.from}.\n`);
  const ground = await makeGround();
  await publishParameters(ground);
  const server = await startTestServer({ ground });
  const town = await makeTown(server);
  const faults: string[] = [];
  const open: OpenConsole['open'] = async (view, official = null, options = {}) => {
    const page = await newPage(browser, originOf(server), faults, options);
    await page.goto(`/console/${view}`);
    if (official !== null) await signIn(page, official);
    return page;
  };
  return {
    server,
    town,
    faults,
    open,
    official: (options) => addOfficial(server.superuser, options),
    close: async () => {
      await browser.close();
      await server.stop();
      await ground.clear();
    },
  };
}

async function newPage(
  browser: Browser,
  baseURL: string,
  faults: string[],
  options: BrowserContextOptions,
): Promise<Page> {
  const usual = {
    baseURL,
    ignoreHTTPSErrors: true,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  } as const;
  const context = await browser.newContext({ ...usual, ...options });
  context.setDefaultTimeout(ACTION_TIMEOUT_MS);
  const page = await context.newPage();
  page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(`${page.url()}: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    faults.push(`${page.url()}: a dialog said ${dialog.message()}`);
    void dialog.dismiss();
  });
  return page;
}

/** Fills the sign-in that stands at every address, and waits for the view behind it. */
export async function signIn(page: Page, { name, password }: TestOfficial): Promise<void> {
  await page.getByLabel(/^(Name|用户名)/).fill(name);
  await page.getByRole('textbox', { name: /^(Password|密码)/ }).fill(password);
  await page.getByRole('button', { name: /^(Sign in|登录)$/ }).click();
  await page.locator('#content h1').waitFor();
}
