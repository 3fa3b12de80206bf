import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { parseCompactJws, receiptSchema, verifyCompactJws } from '@tax-control/protocol';
import { describe, expect, it } from 'vitest';
import type { LedgerFacts } from './ledger-row.js';
import { receiptOfFacts, receiptOfRow, sealReceipt } from './receipt-of-row.js';

const FACTS: LedgerFacts = {
  sequence: 900_000_000_001,
  code: '90000000000112345697',
  digest: Buffer.alloc(32, 1),
  taxpayerId: 'X1',
  premisesId: 'P1',
  terminalId: 'T1',
  invoiceId: '019aa000-0000-7000-8000-000000000001',
  journalId: '0b7c1a52-6d1e-4c0f-9a55-3f1f0a4f6e01',
  counter: 7,
  type: 'normal',
  kind: 'sale',
  number: 'R-7 “Ж”',
  issuedAt: '2026-11-22T17:05:09Z',
  currency: 'GBP',
  total: 680,
  door: 'issue',
  registeredAt: '2026-11-22T17:05:10.040Z',
  receiptKey: 'kid-1',
};

describe('the receipt of a row', () => {
  it('has the members of its schema, in the order of docs/decisions/0010-bytes-of-code-and-receipt.md', () => {
    expect(Object.keys(receiptOfFacts(FACTS))).toEqual([...receiptSchema.required]);
  });

  it('is the same text whenever it is made: this one', () => {
    const receipt = receiptOfRow({ ...FACTS, receiptSignature: Buffer.alloc(64, 2) });
    const [header, payload] = receipt.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
    expect(header).toBe('{"alg":"ES256","typ":"receipt+jws","kid":"kid-1"}');
    expect(payload).toBe(
      '{"receiptVersion":1,"environment":"test","code":"90000000000112345697","invoiceDigest":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",' +
        '"taxpayerId":"X1","premisesId":"P1","terminalId":"T1","invoiceId":"019aa000-0000-7000-8000-000000000001",' +
        '"journalId":"0b7c1a52-6d1e-4c0f-9a55-3f1f0a4f6e01","counter":7,"type":"normal","kind":"sale","number":"R-7 “Ж”",' +
        '"issuedAt":"2026-11-22T17:05:09Z","currency":"GBP","total":680,"door":"issue","registeredAt":"2026-11-22T17:05:10.040Z"}',
    );
  });

  it('is signed so that the signature fits the text, and made again from what is stored is the same', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { receipt, receiptSignature } = sealReceipt(FACTS, privateKey);
    expect(verifyCompactJws(parseCompactJws(receipt)!, createPublicKey(privateKey))).toBe(true);
    expect(receiptOfRow({ ...FACTS, receiptSignature })).toBe(receipt);
  });

  it('is of production unless the code begins with 9', () => {
    expect(receiptOfFacts({ ...FACTS, code: '00000000000112345697' }).environment).toBe('production');
  });
});
