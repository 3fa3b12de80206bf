import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AGENT_PROBLEMS } from '../packages/billing-interface/src/agent/agent-problem.js';
import { SALE_STATUSES } from '../packages/billing-interface/src/agent/sale-status.js';
import { openShop, type Shop } from './agent/shop.js';

const page = await readFile(new URL('../docs/integrating-a-till.md', import.meta.url), 'utf8');

describe('docs/integrating-a-till.md', () => {
  it.each(Object.entries(SALE_STATUSES))('says that %s is status %d', (result, status) => {
    expect(page).toMatch(new RegExp(`^\\| ${status} +\\| \`${result}\``, 'm'));
  });

  it.each(Object.entries(AGENT_PROBLEMS))('names the problem %s beside its status', (code, { status }) => {
    const rows = page.split('\n').filter((line) => /^\| [0-9, ]+ \| `/.test(line) && line.includes(`\`${code}\``));
    expect(rows.map((row) => row.split('|')[1])).toEqual([expect.stringContaining(String(status))]);
  });
});

describe('its example on the bare wire', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  it('enrols, sells, believes the receipts, and gets the same one again', async () => {
    const example = join(shop.directory, 'till.mjs');
    await writeFile(example, /^```js\n(.*?)^```$/ms.exec(page)?.[1] ?? '');
    const { invitation } = await shop.control('terminal', 'register', 'till-js', '--premises', 'main-street');
    const child = spawn(process.execPath, [example, join(shop.directory, 'till-js')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end(String(invitation));
    const [out] = await Promise.all([text(child.stdout), once(child, 'close')]);
    expect(out.trim().split('\n')).toEqual([
      'enrolled till-js of corner-shop',
      expect.stringMatching(/^parameters version \d+ standard 20 %$/),
      expect.stringMatching(/^1 issued 9\d{19} allowance \d+ last counter 1$/),
      expect.stringMatching(/^2 issued 9\d{19} allowance \d+ last counter 2$/),
      'already_issued true',
    ]);
  });
});
