import { createHmac } from 'node:crypto';

/** The printed fields under the MAC, as docs/decisions/0010-bytes-of-code-and-receipt.md lists them. */
export interface PrintedFields {
  readonly taxpayerId: string;
  readonly terminalId: string;
  readonly counter: number;
  /** UTC, to the second: 2010-12-01T08:26:00Z */
  readonly issuedAt: string;
  readonly type: string;
  readonly kind: string;
  readonly currency: string;
  readonly total: number;
  readonly sequence: number;
}

export const SEQUENCE_DIGITS = 12;
const MAC_DIGITS = 6;
const LENGTH_BYTES = 4;
const NUMBER_BYTES = 8;

/** Digits 1 to 12 of the code. */
export function sequenceDigits(sequence: number): string {
  return String(sequence).padStart(SEQUENCE_DIGITS, '0');
}

/** Digits 13 to 18: truncated HMAC-SHA-256 over length-prefixed fields. */
export function macDigits(fields: PrintedFields, key: Buffer): string {
  const hmac = createHmac('sha256', key);
  for (const text of [
    fields.taxpayerId,
    fields.terminalId,
    String(fields.counter),
    fields.issuedAt,
    fields.type,
    fields.kind,
    fields.currency,
    String(fields.total),
    sequenceDigits(fields.sequence),
  ]) {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(bytes.length);
    hmac.update(length).update(bytes);
  }
  const number = BigInt(`0x${hmac.digest().subarray(0, NUMBER_BYTES).toString('hex')}`);
  return (number % 10n ** BigInt(MAC_DIGITS)).toString().padStart(MAC_DIGITS, '0');
}

/** ISO/IEC 7064 MOD 97-10, by long division digit by digit: a correct number leaves 1. */
export function checkDigitsFit(code: string): boolean {
  let remainder = 0;
  for (const digit of code) remainder = (remainder * 10 + Number(digit)) % 97;
  const check = Number(code.slice(-2));
  return remainder === 1 && check >= 2 && check <= 98;
}
