import { createHash, type KeyObject, verify } from 'node:crypto';
import { parseJsonBytes } from '@tax-control/protocol';

/** A compact JWS cut at its points. The audit decodes and verifies on its own, see docs/decisions/0010-bytes-of-code-and-receipt.md. */
export interface JwsParts {
  readonly header: Record<string, unknown>;
  readonly payload: Buffer;
  readonly signature: Buffer;
  readonly signedText: string;
}

const PART_PATTERN = /^[A-Za-z0-9_-]+$/;

/** Null when the text is no compact JWS with a JSON object as header. */
export function cutJws(text: string): JwsParts | null {
  const parts = text.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || !payload || !signature) return null;
  if (!parts.every((part) => PART_PATTERN.test(part))) return null;
  const members = readObject(Buffer.from(header, 'base64url'));
  return (
    members && {
      header: members,
      payload: Buffer.from(payload, 'base64url'),
      signature: Buffer.from(signature, 'base64url'),
      signedText: `${header}.${payload}`,
    }
  );
}

/** A JSON object from UTF-8 bytes; null when they are something else. */
export function readObject(bytes: Buffer): Record<string, unknown> | null {
  const value = parseJsonBytes(bytes)?.value;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

/** ES256 (RFC 7518, 3.4): ECDSA on P-256 over SHA-256, signature as r and s of 32 bytes each. */
export function es256Fits(signedText: string, signature: Buffer, key: KeyObject): boolean {
  return verify('sha256', Buffer.from(signedText), { key, dsaEncoding: 'ieee-p1363' }, signature);
}

export function sha256(bytes: Buffer | string): Buffer {
  return createHash('sha256').update(bytes).digest();
}
