/** Bytes of each half of an ES256 signature (RFC 7518, 3.4). */
const HALF_BYTES = 32;
const SEQUENCE_TAG = 0x30;
const INTEGER_TAG = 0x02;
const SIGN_BIT = 0x80;

/**
 * An ES256 signature as a JWS bears it (r and s, 64 bytes) in the form that openssl takes: DER of ECDSA-Sig-Value
 * (RFC 3279, 2.2.3). The longest is 72 bytes, so every length fits into one byte.
 */
export function derSignature(raw: Buffer): Buffer {
  const body = Buffer.concat([integer(raw.subarray(0, HALF_BYTES)), integer(raw.subarray(HALF_BYTES))]);
  return Buffer.concat([Buffer.from([SEQUENCE_TAG, body.length]), body]);
}

/** No leading zeros but the one that keeps a number positive. */
function integer(half: Buffer): Buffer {
  let start = 0;
  while (start < half.length - 1 && half[start] === 0) start += 1;
  const digits = half.subarray(start);
  const isNegative = ((digits[0] ?? 0) & SIGN_BIT) !== 0;
  const value = isNegative ? Buffer.concat([Buffer.alloc(1), digits]) : digits;
  return Buffer.concat([Buffer.from([INTEGER_TAG, value.length]), value]);
}
