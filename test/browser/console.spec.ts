/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestOfficial } from '../support/officials.js';
import { type InvoiceResult, JournalExportTally } from '@tax-control/protocol';
import { receiptOf } from '../issuance/office.js';
import { call } from '../support/client.js';
import { type OpenConsole, openConsole, signIn } from './open-console.js';
import { type Fill, fillsOf } from './pdf-fills.js';
import { HOSTILE_DETAIL, NORTH_TILLS, SALES_EACH, WAITED_EACH } from './town.js';

let place: OpenConsole;
let administrator: TestOfficial;
let page: Page;
beforeAll(async () => {
  place = await openConsole();
  administrator = await place.official({ roles: ['administrator', 'supervisor'], fullName: 'Ada Ministrator' });
  page = await place.open('overview', administrator);
});
afterAll(() => place.close());

/** What is for whoever calls the server by a program: a pointer, a rule, a bracket. */
const FOR_PROGRAMS = /\/[a-z]+[A-Z/:]|must (be|have|not|say)|[{}[\]]/;
const DAY_MS = 24 * 60 * 60 * 1000;
/** A4 less its margins: 186 mm at 96 dots an inch. */
const PAPER_WIDTH_PX = 703;

const heading = (of: Page) => of.locator('#content h1').textContent();
const section = (of: Page, name: string) => of.getByRole('region', { name, exact: true });

describe('signing in', () => {
  it('is refused in words with a wrong password, and leads to the view that was asked for', async () => {
    const visitor = await place.open('failures?period=30d');
    await visitor.getByLabel('Name').fill(administrator.name);
    await visitor.getByRole('textbox', { name: 'Password' }).fill('not this one');
    await visitor.getByRole('button', { name: 'Sign in' }).click();
    await visitor.getByRole('alert').getByText('The name or the password is wrong.').waitFor();
    await signIn(visitor, administrator);
    expect(await heading(visitor)).toBe('Failures');
    expect(new URL(visitor.url()).search).toBe('?period=30d');
    await visitor.context().close();
  });

  it('ends with signing out, and the data are gone from the page', async () => {
    const visitor = await place.open('terminals', administrator);
    await visitor.getByRole('button', { name: 'Account of Ada Ministrator' }).click();
    await visitor.getByRole('menuitem', { name: 'Sign out' }).click();
    await visitor.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await visitor.getByText('north-1').count()).toBe(0);
    await visitor.context().close();
  });
});

describe('the overview', () => {
  it('shows how the period went', async () => {
    await page.goto('/console/overview?period=7d');
    const figure = (name: string) => page.getByRole('group', { name, exact: true }).locator('.figure-value');
    const sold = (NORTH_TILLS + 1) * SALES_EACH;
    await expect.poll(() => figure('Issued online').textContent()).toBe(String(sold));
    expect(await figure('Reissued').textContent()).toBe(String(NORTH_TILLS * WAITED_EACH));
    expect(
      await section(page, 'Attempts over time')
        .getByRole('img', { name: /^Chart/ })
        .count(),
    ).toBe(1);
  });

  it('has a column for every step, also where nothing was sold', async () => {
    await page.goto('/console/overview?period=7d');
    const stepsOf = async (name: string): Promise<number> => {
      const chart = section(page, name);
      await chart.getByRole('button', { name: 'As table' }).click();
      return chart.getByRole('row').count();
    };
    expect(await stepsOf('Turnover in GBP')).toBe(await stepsOf('Attempts over time'));
  });

  it.each(['en-GB', 'zh-CN'])('has room for the labels of its axes: %s', async (locale) => {
    const visitor = await place.open('overview?period=7d', administrator, { locale });
    await visitor.locator('.recharts-yAxis-tick-labels, .recharts-yAxis').first().waitFor();
    const labels = await visitor.evaluate(() =>
      [...document.querySelectorAll('.chart')].flatMap((chart) =>
        [...chart.querySelectorAll('.recharts-yAxis text, .recharts-yAxis-tick-labels text')].map((label) => ({
          said: label.textContent ?? '',
          room: label.getBoundingClientRect().left - chart.getBoundingClientRect().left,
        })),
      ),
    );
    expect(labels.length).toBeGreaterThan(6);
    expect(labels.filter(({ room }) => room < 0)).toEqual([]);
    await visitor.context().close();
  });

  it('narrows to a region by the address, and goes back with the browser', async () => {
    await page.goto('/console/overview?period=7d');
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('combobox', { name: 'Region' }).click();
    await page.getByRole('option', { name: 'South' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.getAll('region')).toEqual(['South']);
    const online = page.getByRole('group', { name: 'Issued online', exact: true }).locator('.figure-value');
    await expect.poll(() => online.textContent()).toBe(String(SALES_EACH));
    await page.goBack();
    await expect.poll(() => online.textContent()).toBe(String((NORTH_TILLS + 1) * SALES_EACH));
  });

  it('says that a period runs backwards, and goes on with another', async () => {
    await page.goto('/console/overview?from=2026-11-02T00:00&to=2026-11-01T00:00');
    await section(page, 'Key figures').waitFor();
    expect(await page.getByText('The period ends before it begins').count()).toBe(1);
  });
});

describe('the failures', () => {
  it('lead from the cause to the entries and from there to the till', async () => {
    await page.goto('/console/failures?period=7d');
    await page.getByRole('button', { name: 'Show the entries of No connection in time' }).click();
    expect(new URL(page.url()).searchParams.get('cause')).toBe('connect_timeout');
    const entries = section(page, 'Entries');
    await expect.poll(() => entries.getByRole('row').count()).toBe(1 + NORTH_TILLS * WAITED_EACH);
    await entries.getByRole('link', { name: 'north-2' }).first().click();
    await expect.poll(() => heading(page)).toBe('Terminal north-2');
    await section(page, 'Timeline').getByText('Failed at the online door').first().waitFor();
  });

  it('show what a till wrote as text', async () => {
    await page.goto('/console/failures?period=7d');
    await section(page, 'Entries').getByText(HOSTILE_DETAIL).first().waitFor();
    expect(await page.locator('#content img, #content script').count()).toBe(0);
  });

  it('are exported as CSV, where no cell is a formula', async () => {
    await page.goto('/console/failures?period=7d');
    const button = page.getByRole('button', { name: 'Download Entries as CSV' });
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
    const text = await readFile(await download.path(), 'utf8');
    expect(download.suggestedFilename()).toMatch(/\.csv$/);
    expect(text).toContain('north-1');
    expect(text).not.toMatch(/(^|,)[=+@]/m);
  });
});

describe('every CSV of the console', () => {
  /** Pages with tables and charts, and how many files each offers at least. */
  const PAGES = [
    ['overview?period=7d', 8],
    ['failures?period=7d', 5],
    ['incidents?period=7d', 1],
    ['missing', 1],
    ['signals', 1],
    ['terminals', 1],
    ['terminals/north-1', 4],
    ['invoices', 1],
    ['registry', 2],
    ['tax-rates', 1],
    ['audit-trail', 1],
    ['officials', 1],
    ['sessions', 1],
  ] as const;
  const MEMBER = /^[a-z]+([A-Z][a-z0-9]*)*$/;

  it.each(PAGES)('has words of the page above its columns, and its period in its name: %s', async (view, filesMin) => {
    await page.goto(`/console/${view}`);
    const buttons = page.getByRole('button', { name: /^Download .* as CSV$/ });
    await expect.poll(() => buttons.count()).toBeGreaterThanOrEqual(filesMin);
    const names: string[] = [];
    for (const button of await buttons.all()) {
      const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
      const text = await readFile(await download.path(), 'utf8');
      const headings =
        text
          .split('\r\n', 1)[0]
          ?.replaceAll(/["\u{FEFF}]/gu, '')
          .split(',') ?? [];
      expect(headings.filter((heading) => MEMBER.test(heading))).toEqual([]);
      expect(text).not.toMatch(/\d\dT\d\d:\d\d:\d\d/);
      names.push(download.suggestedFilename());
    }
    // Planned outages are of no period.
    const ofPeriod = view.includes('period') ? names.filter((name) => !name.startsWith('planned')) : [];
    expect(ofPeriod.filter((name) => !/_\d{4}-\d\d-\d\d_\d{4}-\d\d-\d\d/.test(name))).toEqual([]);
  });

  it('is in the language of the page', async () => {
    const visitor = await place.open('failures?period=7d', administrator, { locale: 'zh-CN' });
    await visitor.locator('.recharts-surface').first().waitFor();
    const button = visitor.getByRole('button', { name: '将“明细”下载为 CSV' });
    const [download] = await Promise.all([visitor.waitForEvent('download'), button.click()]);
    const [headings = '', row = ''] = (await readFile(await download.path(), 'utf8')).split('\r\n');
    expect(headings).toContain('原因');
    expect(row).toMatch(/[\u4e00-\u9fff]/);
    await visitor.context().close();
  });
});

describe('invoices', () => {
  it('are found by Enter in any field, once a reason is given', async () => {
    await page.goto('/console/invoices');
    await page.getByRole('textbox', { name: 'Code' }).fill(place.town.codeSouth);
    await page.keyboard.press('Enter');
    await page.getByText('Say why: at least').waitFor();
    await page.getByRole('textbox', { name: 'Reason' }).fill('Complaint of a customer');
    await page.getByRole('textbox', { name: 'Terminal' }).fill('south-1');
    await page.keyboard.press('Enter');
    await expect.poll(() => section(page, 'Invoices found').getByRole('row').count()).toBe(2);
    expect(new URL(page.url()).searchParams.get('terminalId')).toBe('south-1');
  });

  it('are not looked for by a code with a mistyped digit, which is told at its field', async () => {
    const [first = '', ...rest] = place.town.codeSouth;
    await page.goto('/console/invoices');
    await page.getByRole('textbox', { name: 'Reason' }).fill('Complaint of a customer');
    const code = page.getByRole('textbox', { name: 'Code' });
    await code.fill(`${(Number(first) + 1) % 10}${rest.join('')}`);
    await page.keyboard.press('Enter');
    await page.getByText('A digit is mistyped or missing').waitFor();
    expect(await code.getAttribute('aria-invalid')).toBe('true');
    expect(await section(page, 'Invoices found').count()).toBe(0);
  });

  it('are looked for in the currency of the installation', async () => {
    await expect
      .poll(async () => {
        await page.goto('/console/invoices');
        return page.getByRole('textbox', { name: 'Currency' }).inputValue();
      })
      .toBe('GBP');
    await page.getByRole('textbox', { name: 'Total from' }).fill('0.01');
    await page.getByRole('textbox', { name: 'Reason' }).fill('Complaint of a customer');
    await page.keyboard.press('Enter');
    await expect.poll(() => section(page, 'Invoices found').getByRole('row').count()).toBeGreaterThan(2);
    expect(new URL(page.url()).searchParams.has('currency')).toBe(false);
  });

  it('are looked up with a reason, and shown with the signed bytes and their verification', async () => {
    await page.goto(`/console/invoices?code=${place.town.codeSouth}`);
    await page.getByRole('button', { name: 'Look up' }).waitFor();
    expect(await section(page, 'Invoices found').count()).toBe(0);
    await page.getByRole('textbox', { name: 'Reason' }).fill('Complaint of a customer');
    await page.getByRole('button', { name: 'Look up' }).click();
    await section(page, 'Invoices found').getByRole('link').first().click();
    const verification = section(page, 'Verification');
    await verification.getByText('The till’s signature fits the bytes').waitFor();
    expect(await verification.getByText('fails', { exact: true }).count()).toBe(0);
    expect(await section(page, 'Signed bytes').locator('pre').textContent()).toBe(place.town.soldSouth[0]?.jws);
    expect(page.url()).not.toContain('Complaint');
  });
});

describe('levies', () => {
  it('are added by an operator, who says of which sort they are', async () => {
    const operator = await place.official({ roles: ['operator'] });
    const rates = await place.open('tax-rates', operator);
    await rates.getByRole('button', { name: 'Add a rate' }).click();
    const form = rates.getByRole('dialog');
    await form.getByLabel('Category').fill('city');
    await form.getByLabel('Levy beside the tax').check();
    await form.getByLabel('Rate (per cent)').fill('3');
    await form.getByLabel('First business day').fill('2999-01-01');
    await form.getByRole('button', { name: 'Add' }).click();
    const sort = rates.getByRole('row').filter({ hasText: 'city' }).getByText('Levy beside the tax');
    await expect.poll(() => sort.count()).toBe(1);
    await rates.context().close();
  });

  it('are shown with the line that has them, and with its original of several', async () => {
    const { south, soldSouth } = place.town;
    const [, second] = soldSouth;
    const byIdentity = { terminalId: south.terminalId, invoiceId: second?.invoice.id ?? '' };
    const originals = [{ code: place.town.codeSouth }, byIdentity];
    const lamp = { type: 'goods', description: 'Lamp', quantity: '-1', taxCategory: 'standard' } as const;
    const refund = south.sign({
      kind: 'refund',
      reference: { originals },
      lines: [
        { ...lamp, unitPrice: '12300', amount: -12_300, taxRate: '20', levies: [{ category: 'city' }], original: 0 },
        { ...lamp, unitPrice: '11000', amount: -11_000, taxRate: '10', original: 1 },
      ],
      taxes: [
        { category: 'standard', rate: '20', base: -10_000, amount: -2_000 },
        { category: 'city', rate: '3', base: -10_000, amount: -300, levy: 'untaxed' },
        { category: 'standard', rate: '10', base: -10_000, amount: -1_000 },
      ],
    });
    const body = { invoice: refund.jws };
    const issued = await call<InvoiceResult>(place.server, '/v1/invoices', { terminal: south.terminal, body });
    await page.goto(`/console/invoices?code=${receiptOf(issued.json()).code}`);
    await page.getByRole('textbox', { name: 'Reason' }).fill('Complaint of a customer');
    await page.getByRole('button', { name: 'Look up' }).click();
    await section(page, 'Invoices found').getByRole('link').first().click();
    const cells = async (name: string) =>
      (await section(page, name).getByRole('row').allInnerTexts()).map((row) => row.split(/\s*[\t\n]+\s*/));
    await section(page, 'Lines').waitFor();
    const lines = (await cells('Lines')).slice(1);
    expect(lines.map((row) => row.slice(-3))).toEqual([
      ['standard 20 %, city', '-123.00 GBP', '1'],
      ['standard 10 %', '-110.00 GBP', '2'],
    ]);
    expect((await cells('Taxes')).map((row) => row.at(-1))).toEqual([
      'Sort',
      'Tax of goods',
      'Levy beside the tax',
      'Tax of goods',
    ]);
    expect(
      await section(page, 'Related invoices')
        .getByText(/^\d{5} /)
        .count(),
    ).toBeGreaterThanOrEqual(0);
  });
});

describe('a customer', () => {
  it('finds the receipt without a script, says what is wrong with it, and officials note what came of it', async () => {
    const customer = await place.open('sign-in', null, { javaScriptEnabled: false });
    await customer.goto(`/v/${place.town.codeSouth}`);
    await customer.getByText('Something is wrong with this receipt').click();
    await customer.getByLabel('In your own words').fill('<b>They charged me twice</b>');
    await customer.getByRole('button', { name: 'Send to the tax office' }).click();
    await customer.getByRole('heading', { name: 'Thank you' }).waitFor();
    await customer.context().close();
    await page.goto('/console/reports');
    const reported = page.getByRole('row').filter({ hasText: '<b>They charged me twice</b>' });
    await reported.getByRole('button', { name: 'Handle' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('to follow').check();
    await dialog.getByLabel('Note').fill('Asked the shop');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await reported.waitFor({ state: 'detached' });
    await page.goto('/console/reports?state=to_follow');
    await reported.getByText('Asked the shop').waitFor();
    expect(await reported.locator('b').count()).toBe(0);
  });
});

describe('administration', () => {
  it('registers a terminal and shows its invitation once', async () => {
    await page.goto('/console/registry');
    await page.getByRole('button', { name: 'Register a terminal: shop-South' }).click();
    await page.getByRole('textbox', { name: 'Terminal id' }).fill('south-2');
    await page.getByRole('button', { name: 'Register a terminal', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Invitation for south-2' });
    const invitation = await dialog.locator('[data-secret]').textContent();
    expect(invitation?.length).toBeGreaterThan(40);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.goto('/console/terminals/south-2');
    await page.getByText('not known yet').first().waitFor();
    expect(await page.content()).not.toContain(invitation);
  });

  it('suspends a terminal, with a reason that is shown', async () => {
    await page.goto('/console/terminals/south-2');
    await page.getByRole('button', { name: 'Suspend' }).click();
    await page.getByRole('textbox', { name: 'Reason' }).fill('The shop has closed');
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
    await section(page, 'What it is').getByText('(The shop has closed)').waitFor();
    expect(await section(page, 'What it is').getByText('suspended').count()).toBe(1);
  });

  it('declares a planned outage and withdraws it', async () => {
    await page.goto('/console/incidents');
    await page.getByRole('button', { name: 'Declare a planned outage' }).click();
    const dialog = page.getByRole('dialog');
    // In two days it is yet to come, whatever the time zone of the page.
    const day = new Date(Date.now() + 2 * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
    await dialog.getByLabel(/^Start/).fill(`${day}T10:00`);
    await dialog.getByLabel(/^End/).fill(`${day}T12:00`);
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('The line is renewed');
    await dialog.getByRole('button', { name: 'Save' }).click();
    const outages = section(page, 'Planned outages');
    await outages.getByText('The line is renewed').waitFor();
    await outages.getByRole('button', { name: 'Withdraw' }).click();
    await outages.getByText('Withdrawn').waitFor();
    expect(await outages.getByRole('button', { name: 'Withdraw' }).count()).toBe(0);
  });

  it('publishes the zones of premises and what cash is rounded by, and shows them where the premises are', async () => {
    await page.goto('/console/parameters');
    await page.getByRole('button', { name: 'Publish' }).click();
    const dialog = page.getByRole('dialog');
    const enter = async (label: string, text: string): Promise<void> => {
      await dialog.getByLabel(label).fill(text);
      await dialog.getByLabel(label).press('Enter');
    };
    await dialog.getByRole('textbox', { name: 'Time zone', exact: true }).fill('Europe/Lisbon');
    await enter('Premises in another time zone', 'shop-South=Atlantic/Azores');
    await enter('Premises in another time zone', 'shop-Nowhere=Asia/Macau');
    await enter('Largest sum of cash rounding (smallest unit)', 'CHF=9');
    const publish = dialog.getByRole('button', { name: 'Publish' });
    await publish.click();
    const notice = dialog.getByRole('alert');
    await notice.getByText('Not registered: shop-Nowhere.').waitFor();
    expect(await notice.textContent()).not.toMatch(FOR_PROGRAMS);
    // The last one that was written goes first.
    await dialog.getByLabel('Premises in another time zone').press('Backspace');
    await publish.click();
    await dialog.waitFor({ state: 'detached' });
    await section(page, 'Premises in another time zone').getByText('Atlantic/Azores').waitFor();
    const newest = section(page, 'Versions').getByRole('row').nth(1);
    expect(await newest.textContent()).toMatch(/Europe\/Lisbon.*1.*CHF=9/);
    await page.goto('/console/registry');
    const premises = section(page, 'Premises');
    await premises
      .getByRole('row', { name: /shop-South/ })
      .getByText('Atlantic/Azores')
      .waitFor();
    expect(await premises.getByText('Europe/Lisbon').count()).toBeGreaterThan(0);
  });

  it('adds a user with a temporary password, who must choose another', async () => {
    await page.goto('/console/officials');
    await page.getByRole('button', { name: 'Add a user' }).click();
    await page.getByRole('textbox', { name: 'Sign-in name' }).fill('new.official');
    await page.getByRole('textbox', { name: 'Full name' }).fill('New Official');
    await page.getByRole('button', { name: 'Save' }).click();
    const shown = page.getByRole('dialog', { name: 'Temporary password of new.official' });
    const password = (await shown.locator('[data-secret]').textContent()) ?? '';
    await shown.getByRole('button', { name: 'Close' }).click();
    const visitor = await place.open('');
    await visitor.getByLabel('Name').fill('new.official');
    await visitor.getByRole('textbox', { name: 'Password' }).fill(password);
    await visitor.getByRole('button', { name: 'Sign in' }).click();
    await visitor.getByRole('heading', { name: 'Choose a password' }).waitFor();
    await visitor.getByRole('textbox', { name: 'Present password' }).fill(password);
    const chosen = visitor.getByRole('textbox', { name: 'New password', exact: true });
    const choose = async (text: string): Promise<void> => {
      await chosen.fill(text);
      await visitor.getByRole('textbox', { name: 'New password once more' }).fill(text);
      await visitor.getByRole('button', { name: 'Save' }).click();
    };
    await choose('short');
    const notice = visitor.getByRole('alert');
    await notice.getByText('Choose another one: 12 to 256 characters').waitFor();
    expect(await notice.textContent()).not.toMatch(FOR_PROGRAMS);
    expect(await chosen.getAttribute('aria-invalid')).toBe('true');
    await choose('four quiet horses at dawn');
    await expect.poll(() => heading(visitor)).toBe('Overview');
    await visitor.context().close();
  });

  it('says at its field what a form may not hold, in the language of the page', async () => {
    const visitor = await place.open('officials', administrator, { locale: 'zh-CN' });
    await visitor.getByRole('button', { name: '添加用户' }).click();
    const dialog = visitor.getByRole('dialog');
    await dialog.getByRole('textbox', { name: '登录名' }).fill('Not a name!');
    await dialog.getByRole('textbox', { name: '姓名' }).fill('x');
    await dialog.getByRole('radio', { name: '地区' }).click();
    await dialog.getByRole('button', { name: '保存' }).click();
    const notice = dialog.getByRole('alert');
    await notice.getByText('至少').first().waitFor();
    expect(await notice.textContent()).not.toMatch(FOR_PROGRAMS);
    expect(await notice.textContent()).not.toMatch(/[A-Za-z]{4,}/);
    expect(
      await dialog.locator('[aria-invalid=true], [data-error=true], .mantine-InputWrapper-error').count(),
    ).toBeGreaterThan(0);
    await visitor.context().close();
  });

  it('is in the audit trail in words', async () => {
    await page.goto('/console/audit-trail');
    const trail = section(page, 'Audit trail');
    await trail.getByRole('cell', { name: 'Terminal registered' }).first().waitFor();
    const said = await trail.locator('tbody').textContent();
    expect(said).not.toMatch(/[{}"]|terminal\.registered|csv\.exported/);
  });

  it('shows supervisors what was done', async () => {
    await page.goto('/console/audit-trail?action=official.added');
    const subjects = section(page, 'Audit trail').getByRole('cell', { name: 'new.official' });
    await expect.poll(() => subjects.count()).toBe(1);
  });
});

describe('an official who may see the South alone', () => {
  it('finds nothing of the North, and no administration', async () => {
    const official = await place.official({ view: { kind: 'regions', regions: ['South'] } });
    const visitor = await place.open('terminals', official);
    await section(visitor, 'Terminals').getByText('south-1').waitFor();
    expect(await visitor.getByText(/^north-/).count()).toBe(0);
    expect(await visitor.getByRole('link', { name: 'Users' }).count()).toBe(0);
    await visitor.goto('/console/terminals/north-1');
    await visitor.getByRole('alert').waitFor();
    expect(await visitor.getByText('Shop of the North').count()).toBe(0);
    await visitor.goto('/console/officials');
    await visitor.getByRole('alert').getByText('You may not see this').waitFor();
    await visitor.context().close();
  });
});

describe('the frame', () => {
  it('speaks Chinese when asked to, and remembers it', async () => {
    const visitor = await place.open('overview', administrator);
    await visitor.getByRole('button', { name: 'Language' }).click();
    await visitor.getByRole('menuitem', { name: '简体中文' }).click();
    await expect.poll(() => heading(visitor)).toBe('总览');
    expect(await visitor.locator('html').getAttribute('lang')).toBe('zh-CN');
    await visitor.reload();
    await expect.poll(() => heading(visitor)).toBe('总览');
    await visitor.context().close();
  });

  it('says in Chinese why each check of an invoice came out so', async () => {
    const visitor = await place.open(`invoices?code=${place.town.codeSouth}`, administrator, { locale: 'zh-CN' });
    await visitor.getByRole('textbox', { name: '理由' }).fill('顾客投诉核实');
    await visitor.keyboard.press('Enter');
    await visitor.getByRole('region', { name: '查到的发票' }).getByRole('link').first().click();
    const cells = visitor.getByRole('region', { name: '验证' }).getByRole('cell');
    await cells.first().waitFor();
    const texts = await cells.allTextContents();
    // A digest, and names of algorithms, are the same in every language.
    expect(texts.filter((text) => !/[\u4e00-\u9fff]/.test(text))).toEqual([]);
    await visitor.context().close();
  });

  it('says in Chinese what is odd about an invoice, with its amounts and times', async () => {
    const { south } = place.town;
    const refund = south.sign({
      kind: 'refund',
      reference: { code: '1'.repeat(20) },
      enteredLater: { at: new Date().toISOString() },
    });
    const body = { invoice: refund.jws };
    const issued = await call<InvoiceResult>(place.server, '/v1/invoices', { terminal: south.terminal, body });
    const { code } = receiptOf(issued.json());
    const visitor = await place.open(`invoices?code=${code}`, administrator, { locale: 'zh-CN' });
    await visitor.getByRole('textbox', { name: '理由' }).fill('顾客投诉核实');
    await visitor.keyboard.press('Enter');
    await visitor.getByRole('region', { name: '查到的发票' }).getByRole('link').first().click();
    const warnings = visitor.getByRole('alert').filter({ hasText: '警告' }).getByRole('listitem');
    await warnings.first().waitFor();
    const texts = await warnings.allTextContents();
    expect(texts).toEqual([
      `原票不在案: 未在案：${'1'.repeat(20)}。`,
      `退款正负号错误: 合计 ${(refund.invoice.total / 100).toFixed(2)} GBP。`,
      expect.stringMatching(/^事后补录的销售: 销售于 \d+年\d+月\d+日 .+，录入于 \d+年\d+月\d+日 .+。未说明理由。$/),
    ]);
    await visitor.context().close();
  });

  it('says in Chinese why an invoice was refused, and marks the place', async () => {
    const visitor = await place.open('invoices', administrator, { locale: 'zh-CN' });
    const cells = visitor.getByRole('region', { name: '被拒绝的发票' }).getByRole('cell');
    const marked = cells.filter({ hasText: '发票中有误之处：/total' });
    await marked.first().waitFor();
    expect(await marked.allTextContents()).toEqual([expect.stringMatching(/^[^A-Za-z]+\/total$/)]);
    await visitor.context().close();
  });

  it('works on a phone: the list of pages opens, leads on, and closes', async () => {
    const visitor = await place.open('overview', administrator, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
    });
    await visitor.getByRole('button', { name: 'Open the list of pages' }).tap();
    await visitor.getByRole('link', { name: 'Failures' }).tap();
    await expect.poll(() => heading(visitor)).toBe('Failures');
    const account = await visitor.getByRole('button', { name: 'Account of Ada Ministrator' }).boundingBox();
    expect((account?.x ?? NaN) + (account?.width ?? NaN)).toBeLessThanOrEqual(390);
    await visitor.getByRole('button', { name: 'Open the list of pages' }).waitFor();
    await visitor.context().close();
  });

  it('is used by keyboard: past the list of pages to the content, and along it', async () => {
    await page.goto('/console/overview');
    await page.locator('#content h1').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('#content') !== null)).toBe(true);
  });

  it('draws charts anew for the paper before it prints', async () => {
    await page.goto('/console/overview?period=7d');
    const chart = section(page, 'Attempts over time').locator('.recharts-surface').first();
    await chart.waitFor();
    const widths = page.evaluate(() => {
      const widthOf = () => document.querySelector('.recharts-surface')?.getBoundingClientRect().width ?? 0;
      const before = widthOf();
      return new Promise<number[]>((resolve) => {
        globalThis.print = () => resolve([before, widthOf()]);
      });
    });
    await page.getByRole('button', { name: 'Print' }).click();
    const [onScreen = 0, onPaper = 0] = await widths;
    expect(onScreen).toBeGreaterThan(PAPER_WIDTH_PX);
    expect(onPaper).toBeGreaterThan(PAPER_WIDTH_PX / 2);
    expect(onPaper).toBeLessThan(PAPER_WIDTH_PX);
  });

  describe('on paper, where a browser leaves grounds out', () => {
    const BARS = { connect_timeout: '#2972b8', total_arithmetic: '#63e6be' };
    /** Points: wider than the squares of the legend. */
    const BAR_WIDTH_MIN = 12;
    const SQUARE_MAX = 9;

    /** As printed by the browser's own menu, and as the button does it, which first takes the width of the paper. */
    async function printed(view: string, how: 'menu' | 'button'): Promise<Fill[]> {
      const visitor = await place.open(view, administrator, { colorScheme: 'dark' });
      const bar = visitor.locator('.recharts-bar-rectangle path').first();
      await bar.waitFor();
      if (how === 'button') {
        await visitor.evaluate(() => document.documentElement.classList.add('paper'));
        await visitor.waitForFunction(
          (most) => (document.querySelector('.recharts-surface')?.clientWidth ?? Infinity) < most,
          PAPER_WIDTH_PX,
        );
      }
      const pdf = await visitor.pdf({ preferCSSPageSize: true, printBackground: false });
      await visitor.context().close();
      return fillsOf(pdf);
    }

    it.each(['menu', 'button'] as const)('has the bars, the legend and the heat map (%s)', async (how) => {
      const fills = await printed('failures?period=7d', how);
      for (const color of Object.values(BARS)) {
        const ofCause = fills.filter((fill) => fill.color === color);
        expect(ofCause.some(({ width, height }) => width > BAR_WIDTH_MIN && height > BAR_WIDTH_MIN)).toBe(true);
        expect(ofCause.some(({ width, height }) => width < SQUARE_MAX && width > 1 && height < SQUARE_MAX)).toBe(true);
      }
      // The light scheme's blue, whole in the strongest cell.
      expect(fills.some(({ color, width }) => color === '#1c5d99' && width > SQUARE_MAX)).toBe(true);
    });

    it('has the charts of the overview', async () => {
      const fills = await printed('overview?period=7d', 'menu');
      const colors = new Set(fills.filter(({ width }) => width > BAR_WIDTH_MIN).map(({ color }) => color));
      // Issued online, stored offline.
      expect([...colors]).toEqual(expect.arrayContaining(['#387fc4', '#ff922b']));
    });
  });

  it('prints reports without what is for the screen, in light colours', async () => {
    await page.goto('/console/overview');
    await section(page, 'Key figures').waitFor();
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByRole('navigation', { name: 'Pages', exact: true }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Print' }).count()).toBe(0);
    await page.getByText(/by Ada Ministrator/).waitFor();
    await page.emulateMedia({ media: null });
  });
});

describe('a journal of a dead till', () => {
  it('is handed in, taken in by the server, and shows what became of each invoice', async () => {
    const [till] = place.town.north;
    const lines = [
      { kind: 'till', exportVersion: 2, terminalId: till!.terminalId },
      { kind: 'invoice', invoice: till!.sign().jws, receipt: null },
      { kind: 'invoice', invoice: till!.sign().jws.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')), receipt: null },
    ];
    const tally = new JournalExportTally();
    for (const line of lines) tally.add(JSON.stringify(line), line.kind);
    const text = [...lines, tally.end()].map((line) => `${JSON.stringify(line)}\n`).join('');
    await page.goto('/console/journals');
    await page.getByRole('button', { name: 'Hand in a journal' }).click();
    const form = page.getByRole('dialog');
    const file = { name: 'till.jsonl', mimeType: 'application/jsonl', buffer: Buffer.from(text) };
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      form.getByRole('button', { name: 'File', exact: false }).first().click(),
    ]);
    await chooser.setFiles(file);
    await form.getByRole('textbox', { name: 'Reason' }).fill('found in the ashes');
    await form.getByRole('button', { name: 'Hand in a journal' }).click();
    await page.waitForURL(/journals\/\d+$/);
    await section(page, 'What became of it').getByText('done', { exact: true }).waitFor();
    await section(page, 'What became of it').getByText('found in the ashes').waitFor();
    await expect.poll(() => section(page, 'Invoices').getByText('Not looked at yet').count()).toBe(0);
    expect(await section(page, 'Invoices').getByText('Issued now').count()).toBe(1);
    await page.getByRole('tab', { name: /^Refused/ }).click();
    await section(page, 'Invoices').getByText('Signature', { exact: false }).waitFor();
    await page.goto('/console/journals');
    await section(page, 'Journals of tills').getByText('found in the ashes').waitFor();
    expect(await section(page, 'Journals of tills').getByRole('row').count()).toBe(2);
  });
});

describe('after a restore', () => {
  it('a paper of a customer is taken in, a dispute is settled, and a till is excused', async () => {
    const [till] = place.town.north;
    const { jws, invoice } = till!.sign();
    const sold = await call<InvoiceResult>(place.server, '/v1/invoices', {
      terminal: till!.terminal,
      body: { invoice: jws },
    });
    const { code, currency, total, counter } = receiptOf(sold.json());
    const sql = (text: string, ...values: unknown[]) => place.server.superuser.query(text, values);
    for (const table of ['invoice_warning', 'ledger_tax', 'content', 'ledger'])
      await sql(`DELETE FROM ${table} WHERE sequence = $1`, code.slice(0, 12));
    await sql(`SELECT move_numbers_on('other_cluster', NULL, NULL, false)`);

    await page.goto('/console/missing?kind=known_by_receipt');
    await page.getByRole('button', { name: 'Take in a receipt' }).click();
    const form = page.getByRole('dialog');
    await form.getByLabel('Tax control code').fill(code);
    await form.getByLabel('Terminal').fill(till!.terminalId);
    await form.getByLabel('Counter').fill(String(counter));
    await form.getByLabel('Time, as printed').fill(invoice.issuedAt.replace('T', ' '));
    await form.getByLabel('Total, as printed').fill('0.01');
    await form.getByLabel('Currency').fill(currency);
    await form.getByLabel('Reason').fill('brought by the customer');
    await form.getByRole('button', { name: 'Take in a receipt' }).click();
    await form.getByText('The code is not of what is printed beside it.').waitFor();
    await form.getByLabel('Total, as printed').fill((total / 100).toFixed(2));
    await form.getByRole('button', { name: 'Take in a receipt' }).click();
    await page.getByText(/^Taken in: code/).waitFor();
    await section(page, 'Known by a receipt alone')
      .getByText(/proven by its print.*brought by the customer/)
      .waitFor();
    // The form of the next case is empty.
    await page.getByRole('button', { name: 'Take in a receipt' }).click();
    for (const label of ['Tax control code', 'Counter', 'Reason'])
      expect(await form.getByLabel(label).inputValue()).toBe('');
    await form.getByRole('button', { name: 'Cancel' }).click();

    const [other] = (await sql('SELECT code, terminal_id, invoice_id, sequence FROM ledger ORDER BY sequence LIMIT 1'))
      .rows as Record<string, string>[];
    await sql(
      `INSERT INTO code_dispute (terminal_id, invoice_id, code, sequence_on_file, receipt, invoice) VALUES ($1, $2, $3, $4, 'r', 'i')`,
      other!['terminal_id'],
      other!['invoice_id'],
      code,
      other!['sequence'],
    );
    await page.goto('/console/missing?kind=disputed_code');
    await page.getByRole('button', { name: /^Settle / }).click();
    await form.getByLabel('Reason').fill('of another dispute');
    await form.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: /^Settle / }).click();
    expect(await form.getByLabel('Reason').inputValue()).toBe('');
    await page.getByRole('dialog').getByLabel('Reason').fill('understood');
    await page.getByRole('dialog').getByRole('button', { name: 'Settle' }).click();
    await expect.poll(() => page.getByRole('button', { name: /^Settle / }).count()).toBe(0);

    await page.goto('/console/missing?kind=unheard_since_restore');
    const excuse = page.getByRole('button', { name: `Excuse ${till!.terminalId}` });
    await excuse.click();
    await form.getByLabel('Reason').fill('of another till');
    await form.getByRole('button', { name: 'Cancel' }).click();
    await excuse.click();
    expect(await form.getByLabel('Reason').inputValue()).toBe('');
    await page.getByRole('dialog').getByLabel('Reason').fill('closed until May');
    await page.getByRole('dialog').getByRole('button', { name: 'Excuse' }).click();
    await section(page, 'Excused since the restore').getByText('closed until May').waitFor();
    await expect.poll(() => page.getByRole('button', { name: `Excuse ${till!.terminalId}` }).count()).toBe(0);
  });
});

it('no page threw anything, and the content security policy stopped nothing', () => expect(place.faults).toEqual([]));
