import { createHmac } from 'node:crypto';
import { checkDigits, type InvoiceKind, type InvoiceType } from '@tax-control/protocol';

/** What is printed beside the code and bound to it. `issuedAt`: UTC, to the second. */
export interface PrintedFields {
  readonly taxpayerId: string;
  readonly terminalId: string;
  readonly counter: number;
  readonly issuedAt: string;
  readonly type: InvoiceType;
  readonly kind: InvoiceKind;
  readonly currency: string;
  readonly total: number;
}

export const SEQUENCE_DIGITS = 12;
const MAC_DIGITS = 6;
const MAC_MODULUS = 10 ** MAC_DIGITS;
/** Bytes of the length before each field. */
const LENGTH_BYTES = 4;

/**
 * The tax control code: 12 digits of the sequence, 6 digits of a MAC, 2 check digits; the exact bytes are in
 * docs/decisions/0010-bytes-of-code-and-receipt.md. It stands in for a national algorithm, which is secret.
 *
 * Uniqueness comes from the sequence alone, so equal MACs harm nothing. A national fleet (20,000 tills × 200 invoices × 365 days)
 * takes 1.5 × 10^9 numbers a year; the 9 × 10^11 of production last 114 years, because numbers grow with time (docs/decisions/0025). The MAC is there for paper that is checked away
 * from the file: whoever invents a code for printed fields hits it once in 10^6 tries; "genuine" is said only of what is on file.
 *
 * @param sequence number from the environment's Postgres sequence, 1 to 999,999,999,999
 * @param macKey 32 bytes: the key of the range in which the sequence lies
 */
export function makeCode(sequence: number, fields: PrintedFields, macKey: Buffer): string {
  const number = digits(sequence, SEQUENCE_DIGITS);
  const body = `${number}${digits(macOf(number, fields, macKey), MAC_DIGITS)}`;
  return `${body}${checkDigits(body)}`;
}

/** Each field has its length before it, so that no two lists of fields make the same bytes. */
function macOf(number: string, fields: PrintedFields, macKey: Buffer): number {
  const input = lengthPrefixed([
    fields.taxpayerId,
    fields.terminalId,
    String(fields.counter),
    fields.issuedAt,
    fields.type,
    fields.kind,
    fields.currency,
    String(fields.total),
    number,
  ]);
  const mac = createHmac('sha256', macKey).update(input).digest();
  return moduloOfFirst64Bits(mac);
}

/**
 * The first 8 bytes as unsigned big-endian integer, modulo 10^6, without leaving exact integers.
 * Bias: 2^64 is no multiple of 10^6, so some values are likelier by 10^6 / 2^64, less than 1 in 10^13.
 */
function moduloOfFirst64Bits(mac: Buffer): number {
  const high = (mac.readUInt32BE(0) % MAC_MODULUS) * (2 ** 32 % MAC_MODULUS);
  return (high + mac.readUInt32BE(4)) % MAC_MODULUS;
}

function lengthPrefixed(fields: readonly string[]): Buffer {
  const lengths = fields.map((field) => Buffer.byteLength(field));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const [index, field] of fields.entries()) {
    at = bytes.writeUInt32BE(lengths[index] ?? 0, at);
    at += bytes.write(field, at);
  }
  return bytes;
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
