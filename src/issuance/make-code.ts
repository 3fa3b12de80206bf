import { createHmac } from 'node:crypto';
import { checkDigits, type InvoiceKind, type InvoiceType } from '@tax-control/protocol';
import { utcSeconds } from '../ledger/receipt-of-row.js';

/** What is printed beside the code and bound to it. `issuedAt`: milliseconds since 1970, whole seconds. */
export interface PrintedFields {
  readonly taxpayerId: string;
  readonly terminalId: string;
  readonly counter: number;
  readonly issuedAt: number;
  readonly type: InvoiceType;
  readonly kind: InvoiceKind;
  readonly currency: string;
  readonly total: number;
}

const SEQUENCE_DIGITS = 12;
const MAC_DIGITS = 6;
const MAC_MODULUS = 10 ** MAC_DIGITS;
/** Bytes of the HMAC that become digits: the most that a JavaScript number holds exactly. */
const MAC_BYTES = 6;

/**
 * The tax control code: 12 digits of the sequence, 6 digits of a MAC, 2 check digits (DESIGN §4). It stands in for a national
 * algorithm, which is secret.
 *
 * Uniqueness comes from the sequence alone, so equal MACs harm nothing. A national fleet (20,000 tills × 200 invoices × 365 days)
 * takes 1.5 × 10^9 numbers a year: the 9 × 10^11 of production last 600 years. The MAC is there for paper that is checked away
 * from the file: whoever invents a code for printed fields hits it once in 10^6 tries; "genuine" is said only of what is on file.
 * Bias: 48 bits modulo 10^6 favour some values by 10^6 / 2^48, less than 4 in 10^9, which helps nobody guess.
 *
 * @param sequence number from the environment's Postgres sequence, 1 to 999,999,999,999
 * @param macKey 32 bytes: the key of the range in which the sequence lies
 */
export function makeCode(sequence: number, fields: PrintedFields, macKey: Buffer): string {
  const body = `${digits(sequence, SEQUENCE_DIGITS)}${digits(macOf(sequence, fields, macKey), MAC_DIGITS)}`;
  return `${body}${checkDigits(body)}`;
}

/**
 * HMAC-SHA-256 over the printed fields in this order, each as `<bytes of its UTF-8>:<field>`, one behind the other (the length
 * before each field, so that no two lists of fields make the same bytes); its first 48 bits, modulo 10^6.
 */
function macOf(sequence: number, fields: PrintedFields, macKey: Buffer): number {
  const input = [
    fields.taxpayerId,
    fields.terminalId,
    String(fields.counter),
    utcSeconds(fields.issuedAt),
    fields.type,
    fields.kind,
    fields.currency,
    String(fields.total),
    String(sequence),
  ]
    .map((field) => `${Buffer.byteLength(field)}:${field}`)
    .join('');
  return createHmac('sha256', macKey).update(input, 'utf8').digest().readUIntBE(0, MAC_BYTES) % MAC_MODULUS;
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
