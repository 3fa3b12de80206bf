import { checkDigits, formatAmount } from '@tax-control/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SignedSale } from '../issuance/office.js';
import { codeOf, openPlace, type Place } from './place.js';

let place: Place;
let sale: SignedSale;
let code: string;
beforeAll(async () => {
  place = await openPlace();
  const till = await place.office.till({ terminalId: 'till-1' });
  sale = till.sign({ issuedAt: '2026-11-22T18:21:07+08:00' });
  code = codeOf((await place.office.issuance.issue([await till.arrive(sale.jws)]))[0]);
});
afterAll(() => place.close());

it('tells programs the same as people', async () => {
  const { total, currency, type, kind } = sale.invoice;
  const verify = async (path: string) => (await place.page(`/v1/verifications/${path}`)).json();
  expect(await verify(code)).toEqual({ code, environment: 'test', onFile: true, total: 'not_given' });
  expect(await verify(`${code}?total=0.01`)).toEqual({ code, environment: 'test', onFile: true, total: 'differs' });
  expect(await verify(`${code}?total=x`)).toMatchObject({ total: 'unreadable' });
  expect(await verify(`${code}?total=${formatAmount(total, currency)}`)).toEqual({
    code,
    environment: 'test',
    onFile: true,
    total: 'fits',
    invoice: {
      shop: { taxpayer: 'Shop of taxpayer-1', premises: 'Corner shop', address: 'High Street 1' },
      soldAt: '2026-11-22T18:21:07+08:00',
      total,
      currency,
      type,
      kind,
      registeredAt: expect.stringMatching(/^2\d{3}-.*Z$/) as string,
      isVoided: false,
      contentRemovedAt: null,
    },
  });
  const body = '900000999999123456';
  expect(await verify(`${body}${checkDigits(body)}`)).toMatchObject({ environment: 'test', onFile: false });
  expect(await verify('12345')).toMatchObject({ status: 400, code: 'code_mistyped', retry: 'never' });
});

it('says 429 in JSON when one receipt was tried too often', async () => {
  const answers = [];
  for (let each = 0; each < 12; each += 1) answers.push(await place.page(`/v1/verifications/${code}?total=0.01`));
  const last = answers.at(-1)!;
  expect(last.json()).toMatchObject({ status: 429, code: 'too_many_requests' });
  expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
});

it('publishes keys and schemas beside it', async () => {
  expect((await place.page('/.well-known/jwks.json')).json()).toMatchObject({ keys: [{ kty: 'EC' }] });
  expect((await place.page('/schemas/invoice-1.json')).json()).toMatchObject({ title: 'Invoice' });
});
