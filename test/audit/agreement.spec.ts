import { completeArithmetic, goodsOf, type Invoice, isLineOf, type TaxTerms } from '@tax-control/protocol';
import { makeInvoice } from '@tax-control/protocol/testing';
import {
  array,
  assert,
  constantFrom,
  integer,
  property,
  record,
  string,
  stringMatching,
  subarray,
  uint8Array,
  uuid,
} from 'fast-check';
import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeCode } from '../../src/issuance/make-code.js';
import type { LedgerRow as ServersRow } from '../../src/ledger/ledger-row.js';
import { receiptOfRow as receiptOfServer, sealReceipt } from '../../src/ledger/receipt-of-row.js';
import { checkDigitsFit, macDigits, sequenceDigits } from '../../tools/audit/code.js';
import { cutJws, es256Fits } from '../../tools/audit/compact-jws.js';
import { goodsColumns } from '../../tools/audit/goods.js';
import { receiptOfRow as receiptOfAudit } from '../../tools/audit/receipt.js';
import { type LedgerRow as AuditsRow, toSecond } from '../../tools/audit/stored-invoice.js';

const TWO = { originals: [{ code: '1'.repeat(20) }, { code: '2'.repeat(20) }] };

/** Whole seconds from 1900 to 2200, as the server writes them. */
const time = integer({ min: -2_208_988_800, max: 7_258_118_400 }).map((seconds) =>
  new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z'),
);
const identifier = stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

/** What server and audit both make codes and receipts of. */
const facts = record({
  sequence: integer({ min: 1, max: 999_999_999_999 }),
  digest: uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  taxpayerId: identifier,
  premisesId: identifier,
  terminalId: identifier,
  invoiceId: uuid(),
  journalId: uuid(),
  counter: integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  type: constantFrom('normal' as const, 'advance' as const, 'training' as const, 'proforma' as const, 'copy' as const),
  kind: constantFrom('sale' as const, 'refund' as const, 'void' as const),
  number: string({ unit: 'grapheme', minLength: 1, maxLength: 64 }),
  issuedAt: time,
  currency: constantFrom('GBP', 'CNY', 'JPY'),
  total: integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  door: constantFrom('issue' as const, 'reissue' as const),
  registeredAt: integer({ min: 0, max: 7_258_118_400_000 }).map((timeMs) => new Date(timeMs).toISOString()),
});
const macKey = uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));

it('server and audit, which share no code, make the same code of the same fields', () => {
  assert(
    property(facts, macKey, (fields, key) => {
      const code = makeCode(fields.sequence, fields, key);
      const issuedAt = toSecond(new Date(fields.issuedAt));
      expect(code.slice(0, 18)).toBe(`${sequenceDigits(fields.sequence)}${macDigits({ ...fields, issuedAt }, key)}`);
      expect(checkDigitsFit(code)).toBe(true);
    }),
  );
});

it('server and audit make the same receipt of the same row, byte for byte', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  assert(
    property(facts, macKey, (fields, key) => {
      const unsigned = { ...fields, code: makeCode(fields.sequence, fields, key), receiptKey: 'some-kid' };
      const { receipt, receiptSignature } = sealReceipt(unsigned, privateKey);
      const row: ServersRow = { ...unsigned, receiptSignature };
      expect(receiptOfServer(row)).toBe(receipt);
      expect(receiptOfAudit(asAudited(row), row.code.startsWith('9') ? 'test' : 'production')).toBe(receipt);
      const parts = cutJws(receipt);
      expect(parts && es256Fits(parts.signedText, parts.signature, publicKey)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

it('server and audit find the same goods in the same lines: with tax on top, levies, several rates, several originals', () => {
  const rates: readonly TaxTerms[] = [
    { category: 'standard', rate: '20' },
    { category: 'reduced', rate: '5.5' },
    { category: 'zero', rate: '0' },
    { category: 'bottles', rate: '7.7777', levy: 'taxed' },
    { category: 'city', rate: '3', levy: 'untaxed' },
  ];
  let withLevies = 0;
  const decimals = constantFrom('1', '-3', '0.309', '12', '2.5');
  const line = record({
    type: constantFrom('goods' as const, 'deposit' as const, 'discount' as const, 'rounding' as const),
    description: constantFrom('Tea'),
    quantity: decimals,
    unitPrice: decimals,
    discount: constantFrom(0, 0, 5),
    amount: integer({ min: -100_000, max: 100_000 }),
    taxCategory: constantFrom('standard', 'reduced', 'zero'),
    taxRate: constantFrom(undefined, undefined, '16', '20.0'),
    levies: subarray(['bottles', 'city']),
    original: integer({ min: 0, max: 1 }),
  });
  assert(
    property(
      array(line, { minLength: 1, maxLength: 8 }),
      constantFrom('gross' as const, 'net' as const),
      (made, priceBasis) => {
        const drafted = made.map(({ taxCategory, taxRate, levies, original, ...rest }) => ({
          ...rest,
          ...(rest.type !== 'rounding' && {
            taxCategory,
            original,
            ...(taxRate !== undefined && { taxRate }),
            ...(levies.length > 0 && { levies: levies.map((category) => ({ category })) }),
          }),
        }));
        const completed = completeArithmetic({ priceBasis, lines: drafted }, { of: () => rates, ever: rates });
        if (!completed.ok) throw new Error(JSON.stringify(completed.problem));
        const { lines, taxes, total } = completed;
        const invoice = makeInvoice({ lines, taxes, total, priceBasis });
        withLevies += taxes.some(({ levy }) => levy !== undefined) ? 1 : 0;
        for (const isMine of [undefined, isLineOf(TWO, 0), isLineOf(TWO, 1)]) {
          const { sold, returned, lines: count, isExact } = goodsOf(invoice, undefined, isMine);
          expect(goodsColumns(invoice, isMine)).toEqual({
            sold: String(sold),
            returned: String(returned),
            lines: count,
            is_exact: isExact,
          });
        }
      },
    ),
  );
  expect(withLevies).toBeGreaterThan(0);
});

it.each([
  {},
  { lines: [] },
  { lines: [null], taxes: [] },
  { lines: [{ amount: '1' }], taxes: [] },
  { lines: [], taxes: [5] },
])('the audit finds no goods where bytes are no invoice (%j)', (payload) => {
  expect(goodsColumns(payload as Partial<Invoice>)).toBeNull();
});

/** The same row as the audit reads it from the database. */
function asAudited(row: ServersRow): AuditsRow {
  return {
    sequence: String(row.sequence),
    code: row.code,
    terminal_id: row.terminalId,
    invoice_id: row.invoiceId,
    digest: row.digest,
    taxpayer_id: row.taxpayerId,
    counted_at: null,
    premises_id: row.premisesId,
    journal_id: row.journalId,
    counter: String(row.counter),
    type: row.type,
    kind: row.kind,
    number: row.number,
    issued_at: new Date(row.issuedAt),
    business_day: '2026-11-22',
    currency: row.currency,
    total: String(row.total),
    sold: null,
    returned: null,
    lines: null,
    is_exact: null,
    door: row.door,
    registered_at: new Date(row.registeredAt),
    reference_terminal_id: null,
    reference_invoice_id: null,
    supersedes_terminal_id: null,
    supersedes_invoice_id: null,
    receipt_key: row.receiptKey,
    receipt_signature: row.receiptSignature,
  };
}
