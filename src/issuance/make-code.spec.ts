import { createHmac } from 'node:crypto';
import { parseCode } from '@tax-control/protocol';
import { describe, expect, it } from 'vitest';
import { makeCode, type PrintedFields } from './make-code.js';

const KEY = Buffer.alloc(32, 7);
const FIELDS: PrintedFields = {
  taxpayerId: 'T1',
  terminalId: 'till-1',
  counter: 12,
  issuedAt: '2010-12-01T08:26:00Z',
  type: 'normal',
  kind: 'sale',
  currency: 'GBP',
  total: -1399,
};

describe('makeCode', () => {
  it('is twenty digits: the sequence, six of the MAC, two that check', () => {
    const code = makeCode(42, FIELDS, KEY);
    expect(code).toMatch(/^000000000042[0-9]{8}$/);
    expect(parseCode(code)).toEqual({ code, sequence: 42, environment: 'production' });
  });

  it('has the MAC of docs/decisions/0010-bytes-of-code-and-receipt.md, computed here the slow way', () => {
    const texts = ['T1', 'till-1', '12', '2010-12-01T08:26:00Z', 'normal', 'sale', 'GBP', '-1399', '900000000042'];
    const message = Buffer.concat(
      texts.flatMap((text) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(text.length);
        return [length, Buffer.from(text)];
      }),
    );
    const mac = createHmac('sha256', KEY).update(message).digest().readBigUInt64BE(0) % 1_000_000n;
    expect(makeCode(900_000_000_042, FIELDS, KEY).slice(12, 18)).toBe(String(mac).padStart(6, '0'));
  });

  it('is of the test environment from 900,000,000,000 on', () => {
    expect(parseCode(makeCode(900_000_000_000, FIELDS, KEY))?.environment).toBe('test');
    expect(parseCode(makeCode(899_999_999_999, FIELDS, KEY))?.environment).toBe('production');
  });

  it('changes its MAC with every printed field and with the key', () => {
    const changed: PrintedFields[] = [
      { ...FIELDS, taxpayerId: 'T' },
      { ...FIELDS, terminalId: '1till-1' },
      { ...FIELDS, counter: 13 },
      { ...FIELDS, issuedAt: '2010-12-01T08:26:01Z' },
      { ...FIELDS, type: 'training' },
      { ...FIELDS, kind: 'refund' },
      { ...FIELDS, currency: 'EUR' },
      { ...FIELDS, total: 1399 },
    ];
    const codes = [makeCode(42, FIELDS, KEY), makeCode(42, FIELDS, Buffer.alloc(32, 8))];
    codes.push(...changed.map((fields) => makeCode(42, fields, KEY)));
    expect(new Set(codes).size).toBe(codes.length);
  });

  it('spreads its MACs over a million values: of 2,000 codes all but a handful differ', () => {
    const macs = Array.from({ length: 2000 }, (_, index) => makeCode(index + 1, FIELDS, KEY).slice(12, 18));
    // Expected pairs that meet: 2000² / (2 × 10^6) = 2.
    expect(new Set(macs).size).toBeGreaterThan(1985);
  });
});
