/**
 * Decodes strict base64url (RFC 4648, 5; RFC 7515, 2): no padding, no other characters, and no bits left over, so that
 * every byte string has exactly one spelling. Null otherwise.
 */
export function decodeBase64Url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  // Node's decoder forgives everything; what it forgave does not come back when encoded again.
  return bytes.toString('base64url') === text ? bytes : null;
}
