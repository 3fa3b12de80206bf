import { randomUUID, X509Certificate } from 'node:crypto';
import { problem, signInvoice } from '@tax-control/protocol';
import { makeInvoice } from '@tax-control/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TillIdentity } from '../enrolment/identity.js';
import { readTill } from '../enrolment/read-till.js';
import { TillBench } from '../testing/till-bench.js';
import { judgeLost, type LostFacts } from './judge-lost.js';

describe('a refused invoice that came back', () => {
  const journalId = randomUUID();
  let bench: TillBench;
  let identity: TillIdentity;
  let facts: LostFacts;
  beforeAll(async () => {
    bench = await TillBench.set();
    const reading = readTill(bench.files);
    if (reading.state !== 'enrolled') throw new Error('the bench enrols its till');
    ({ identity } = reading.till);
    const certificate = new X509Certificate(identity.certificatePem);
    facts = {
      journalId,
      terminalId: identity.terminalId,
      trustedKeys: [],
      authorities: [new X509Certificate(reading.till.authorityPem)],
      certificate: (thumbprint) => (thumbprint === identity.thumbprint ? certificate : null),
    };
  });
  afterAll(() => bench.end());

  const sign = (change: object = {}) =>
    signInvoice(
      makeInvoice({
        terminalId: identity.terminalId,
        journalId,
        counter: 3,
        previousDigest: 'A'.repeat(43),
        ...change,
      }),
      identity.key,
      identity.thumbprint,
    );
  const judge = (invoice: string | null) =>
    judgeLost({ counter: 3, invoice, problem: problem('tax_arithmetic') }, facts);

  it('is taken with its bytes when this till signed them', () => {
    const { jws, digest } = sign();
    expect(judge(jws)).toMatchObject({
      ok: true,
      invoice: {
        counter: 3,
        journalId,
        jws,
        digest,
        outcome: { state: 'refused', problem: { code: 'tax_arithmetic' } },
      },
    });
  });

  it.each([
    ['no bytes', () => null],
    ['bytes that are no invoice', () => 'x'],
    ['a signature that does not fit', () => sign().jws.replace(/.{6}$/, 'AAAAAA')],
    ['bytes of another journal', () => sign({ journalId: randomUUID() }).jws],
    ['bytes of another counter', () => sign({ counter: 4 }).jws],
    ['bytes of another till', () => sign({ terminalId: 'till-9' }).jws],
    ['a signer that nobody knows', () => signInvoice(makeInvoice({ journalId }), identity.key, 'B'.repeat(43)).jws],
  ])('is taken as the fact alone with %s', (_, bytes) => {
    expect(judge(bytes())).toMatchObject({
      ok: true,
      invoice: { counter: 3, jws: null, outcome: { state: 'refused' } },
    });
  });
});
