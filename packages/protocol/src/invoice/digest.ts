import { hash } from 'node:crypto';

/** An invoice's digest: SHA-256 of the decoded payload, base64url without padding (43 characters). */
export function digestOf(payload: Uint8Array): string {
  return hash('sha256', payload, 'base64url');
}
