import { createHmac } from 'node:crypto';
import type { Receipt } from '@tax-control/protocol';

const SEQUENCE_DIGITS = 12;
const MAC_DIGITS = 6;
const MAC_MODULUS = 1_000_000n;
const LENGTH_BYTES = 4;

/** What is printed beside a code and bound to it. `issuedAt`: UTC, to the second; `total`: smallest unit. */
export type CodedFields = Pick<
  Receipt,
  'code' | 'taxpayerId' | 'terminalId' | 'counter' | 'issuedAt' | 'type' | 'kind' | 'currency' | 'total'
>;

/**
 * Whether the MAC in a receipt's code fits the printed fields. Written after docs/decisions/0010, not after the code that
 * issues: a check that shares the maker's code shares its faults, and the console reaches nothing that can issue.
 * @param macKey key of the range in which the code's sequence lies
 */
export function codeMacFits(receipt: CodedFields, macKey: Buffer): boolean {
  const sequence = receipt.code.slice(0, SEQUENCE_DIGITS);
  const hmac = createHmac('sha256', macKey);
  const { taxpayerId, terminalId, counter, issuedAt, type, kind, currency, total } = receipt;
  for (const field of [taxpayerId, terminalId, `${counter}`, issuedAt, type, kind, currency, `${total}`, sequence]) {
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(Buffer.byteLength(field));
    hmac.update(length).update(field);
  }
  const expected = hmac.digest().readBigUInt64BE() % MAC_MODULUS;
  return receipt.code.slice(SEQUENCE_DIGITS, SEQUENCE_DIGITS + MAC_DIGITS) === `${expected}`.padStart(MAC_DIGITS, '0');
}
