const ALPHABET = /^[A-Za-z0-9_-]*$/;

/**
 * Decodes strict base64url (RFC 4648, 5; RFC 7515, 2): no padding, no other characters, and no bits left over, so that
 * every byte string has exactly one spelling. Null otherwise.
 */
export function decodeBase64Url(text: string): Buffer | null {
  if (text.length % 4 === 1 || !ALPHABET.test(text)) return null;
  const bytes = Buffer.from(text, 'base64url');
  // Unused bits of the last character must be zero: encode the tail again and compare.
  const tail = text.length - (text.length % 4 || 4);
  return bytes.subarray((tail / 4) * 3).toString('base64url') === text.slice(tail) ? bytes : null;
}
