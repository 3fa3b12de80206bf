import { createPrivateKey } from 'node:crypto';
import { type Invoice, problem, signInvoice } from '@tax-control/protocol';
import { makeInvoice } from '@tax-control/protocol/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readTill } from '../enrolment/read-till.js';
import { LightTill } from './light-till.js';
import { TERMINAL } from './stand-in-server.js';
import { TillBench } from './till-bench.js';

let bench: TillBench;
let till: LightTill;
let counter = 0;
let sign: () => string;

beforeEach(async () => {
  bench = await TillBench.set();
  const reading = readTill(bench.files);
  if (reading.state !== 'enrolled') throw new Error('a bench enrols its till');
  const { authorityPem, identity } = reading.till;
  const { keyPem, certificatePem, thumbprint } = identity;
  const options = { keyPem, certificatePem, authorityPem, address: bench.server.address, onError: throwIt };
  const first = new LightTill({ ...options, parameters: null });
  till = new LightTill({ ...options, parameters: await first.learn() });
  await first.close();
  bench.server.requests.splice(0);
  counter = 0;
  const key = createPrivateKey(keyPem);
  sign = () => {
    counter += 1;
    const invoice: Invoice = makeInvoice({ ...TERMINAL, counter });
    return signInvoice(invoice, key, thumbprint).jws;
  };
});

afterEach(async () => {
  await till.close();
  await bench.end();
});

function throwIt(error: unknown): never {
  throw error;
}

const everything = () => bench.server.paths(true);

it('sends the sale first, then what waited, then the log', async () => {
  for (let count = 1; count <= 3; count += 1) till.storeOffline(sign());
  expect(till.waiting).toBe(3);
  expect(await till.sell(sign())).toEqual({ cause: null });
  await expect.poll(everything).toEqual(['/v1/invoices', '/v1/reissues', '/v1/transaction-logs']);
  expect(till.waiting).toBe(0);
  const lines = [...till.exported()].map((line) => JSON.parse(line) as { state: string; receipt?: string });
  expect(lines.map(({ state }) => state)).toEqual(['issued', 'issued', 'issued', 'issued']);
  expect(new Set(lines.map(({ receipt }) => receipt)).size).toBe(4);
  const outcomes = [...bench.server.office.log.values()].map(({ door, outcome }) => `${door} ${outcome}`);
  expect(outcomes.toSorted()).toEqual(
    [
      ...Array.from({ length: 3 }, () => 'issue not_tried'),
      'issue issued',
      ...Array.from({ length: 3 }, () => 'reissue issued'),
    ].toSorted(),
  );
});

it('stores a sale offline that the server is too busy for, and does not try the next one', async () => {
  const busy = { kind: 'answer', status: 503, body: problem('server_busy', { retryAfterMs: 3_600_000 }) } as const;
  bench.server.fault = () => busy;
  expect(await till.sell(sign())).toEqual({ cause: 'server_busy' });
  expect(await till.sell(sign())).toEqual({ cause: 'circuit_open' });
  expect(everything()).toEqual(['/v1/invoices']);
  expect(till.waiting).toBe(2);
  expect([...till.failures]).toEqual([['issue server_busy', 1]]);
});
