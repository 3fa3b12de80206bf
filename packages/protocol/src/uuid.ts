import { randomBytes } from 'node:crypto';
import { UUID_V7_PATTERN } from './schema/patterns.js';

const TIME_BITS = 48n;
/** Version 7 and variant 10 in their places of the 128 bits (RFC 9562, 5.7). */
const VERSION_7 = 0x7n << 76n;
const VARIANT = 0x2n << 62n;
const RANDOM_A_MASK = 0xfffn << 64n;
const RANDOM_B_MASK = (1n << 62n) - 1n;
const TAIL_BYTES = 8;
const HEX_DIGITS = 32;
const TIME_HEX_DIGITS = 12;
const HEX_RADIX = 16;
const UUID_V7 = new RegExp(UUID_V7_PATTERN);

/**
 * A new UUIDv7 (RFC 9562, 5.7): 48 bits of time, 74 random bits. Made where the sale happens and stored before it is sent,
 * so that a repeated request is known for what it is.
 * @param nowMs milliseconds since 1970 by the maker's clock; a wrong clock costs order, never uniqueness
 * @param tail 8 bytes in place of the last 62 random bits: the maker can tell later what it made the id for
 */
export function uuidV7(nowMs: number, tail: Buffer = randomBytes(TAIL_BYTES)): string {
  const time = BigInt.asUintN(Number(TIME_BITS), BigInt(Math.floor(nowMs))) << 80n;
  const random = BigInt(`0x${randomBytes(TAIL_BYTES).toString('hex')}${tail.toString('hex', 0, TAIL_BYTES)}`);
  const value = time | VERSION_7 | (random & RANDOM_A_MASK) | VARIANT | (random & RANDOM_B_MASK);
  const hex = value.toString(16).padStart(HEX_DIGITS, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The time in a UUIDv7, milliseconds since 1970 by its maker's clock; null: the text is no UUIDv7 in small letters. */
export function timeOfUuidV7(uuid: string): number | null {
  if (!UUID_V7.test(uuid)) return null;
  return Number.parseInt(uuid.replace('-', '').slice(0, TIME_HEX_DIGITS), HEX_RADIX);
}
