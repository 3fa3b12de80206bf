import { describe, expect, it } from 'vitest';
import { makeInvoice } from '../testing/make-invoice.js';
import { makeSigner } from '../testing/index.js';
import { isOfflineProof, makeOfflineProof, readOfflineProof } from './offline-proof.js';

const till = makeSigner();
const invoice = makeInvoice({ issuedAt: '2026-11-22T18:05:00.987+01:00' });
const text = makeOfflineProof(invoice, till.privateKey, till.thumbprint);

describe('the proof of an offline receipt', () => {
  it('says when and for how much the till sold, and is believed by its key alone', () => {
    const proof = readOfflineProof(invoice.terminalId, invoice.id, text)!;
    expect(proof.facts).toEqual({
      terminalId: invoice.terminalId,
      invoiceId: invoice.id,
      soldAt: Date.parse('2026-11-22T17:05:00Z'),
      currency: invoice.currency,
      total: invoice.total,
      type: 'normal',
    });
    expect(till.thumbprint.startsWith(proof.signer)).toBe(true);
    expect(isOfflineProof(proof, till.publicKey)).toBe(true);
    expect(isOfflineProof(proof, makeSigner().publicKey)).toBe(false);
  });

  it.each<[string, string, string, string]>([
    ['another invoice', invoice.terminalId, makeInvoice().id, text],
    ['another till', 'till-9', invoice.id, text],
    ['another total', invoice.terminalId, invoice.id, text.replace(`.${invoice.total}.`, '.1.')],
    ['another type', invoice.terminalId, invoice.id, text.replace('normal', 'advance')],
  ])('proves nothing of %s', (_what, terminalId, invoiceId, changed) => {
    expect(isOfflineProof(readOfflineProof(terminalId, invoiceId, changed)!, till.publicKey)).toBe(false);
  });

  it.each(['', 'x', `${text}A`, text.slice(1), text.replace('.', '..'), text.replace('normal', 'any'), `${text}\n`])(
    'is none: %s',
    (changed) => {
      const read = readOfflineProof(invoice.terminalId, invoice.id, changed);
      expect(read !== null && isOfflineProof(read, till.publicKey)).toBe(false);
    },
  );

  it('reads totals below zero', () => {
    const refund = { ...invoice, total: -250 };
    const proof = readOfflineProof(
      invoice.terminalId,
      invoice.id,
      makeOfflineProof(refund, till.privateKey, till.thumbprint),
    )!;
    expect(proof.facts.total).toBe(-250);
    expect(isOfflineProof(proof, till.publicKey)).toBe(true);
  });
});
