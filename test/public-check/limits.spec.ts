import { formatAmount } from '@tax-control/protocol';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestServer } from '../support/server.js';
import { call } from '../support/client.js';
import { LOOK_UPS, TOTALS_OF_ADDRESS, TOTALS_OF_RECEIPT } from '../../src/public-check/limits.js';
import type { Till } from '../issuance/office.js';
import { codeOf, forgetTries, openPlace, type Place, textOf } from './place.js';

let place: Place;
let till: Till;
let address = 1;
beforeAll(async () => {
  place = await openPlace();
  till = await place.office.till({ terminalId: 'till-1' });
});
beforeEach(async () => {
  await forgetTries(place);
  address += 1;
});
afterAll(() => place.close());

const from = (): string => `127.0.1.${address}`;

async function sell(): Promise<{ code: string; total: string }> {
  const { invoice, jws } = till.sign();
  const [result] = await place.office.issuance.issue([await till.arrive(jws)]);
  return { code: codeOf(result), total: formatAmount(invoice.total, invoice.currency) };
}

it('bounds the totals that anybody tries for one receipt, however many ask at once and from where; the right one too', async () => {
  const { code, total } = await sell();
  const pages = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      place.page(`/v/${code}?total=0.0${index % 9}`, { from: `127.0.2.${index + 1}` }),
    ),
  );
  expect(pages.filter(({ status }) => status === 200)).toHaveLength(TOTALS_OF_RECEIPT.tries);
  const right = await place.page(`/v/${code}?total=${total}`, { from: from() });
  expect(right.status).toBe(429);
  expect(Number(right.headers['retry-after'])).toBeGreaterThan(3_600);
  expect(textOf(right)).toContain('Too many wrong totals. You may try again in 24 hours.');
  expect(right.text).not.toContain('Corner shop');
  expect(textOf(await place.page(`/v/till-1/${code}`, { from: from() }))).not.toContain('Corner shop');
});

it('lets whoever knows the total look as often as they like', async () => {
  const { code, total } = await sell();
  for (let look = 0; look < TOTALS_OF_RECEIPT.tries + 5; look += 1)
    expect((await place.page(`/v/${code}?total=${total}`, { from: from() })).status).toBe(200);
});

it('bounds the totals that one address tries on many receipts', async () => {
  const codes: string[] = [];
  for (let each = 0; each < 4; each += 1) codes.push((await sell()).code);
  const statuses: number[] = [];
  for (let look = 0; look < TOTALS_OF_ADDRESS.tries + 1; look += 1)
    statuses.push((await place.page(`/v/${codes[look % 4]}?total=9.99`, { from: from() })).status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(TOTALS_OF_ADDRESS.tries);
  expect(statuses.at(-1)).toBe(429);
});

it('bounds the look-ups of one address on all instances together, and of no other', async () => {
  const { code } = await sell();
  const second = await startTestServer({ ground: place.office.ground });
  try {
    const statuses = [];
    for (let look = 0; look < LOOK_UPS.tries + 10; look += 1) {
      const server = look % 2 === 0 ? place.server : second;
      statuses.push(call(server, `/v/${code}`, { listener: 'public', tls: { localAddress: from() } }));
    }
    const answers = await Promise.all(statuses);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(LOOK_UPS.tries);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(textOf(refused)).toContain('Too many look-ups');
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(LOOK_UPS.windowSeconds);
    expect((await place.page(`/v/${code}`, { from: '127.0.3.1' })).status).toBe(200);
  } finally {
    await second.stop();
  }
});
