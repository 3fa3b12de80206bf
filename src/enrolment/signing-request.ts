// @peculiar/x509 needs the polyfill before it is loaded.
import 'reflect-metadata';
import { createHash, type KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { problem, type Problem } from '@tax-control/protocol';
import { p256Key } from './p256-key.js';

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** What a certificate signing request is good for: its key, and the name that it claims (none: empty subject). */
export interface SigningRequest {
  readonly key: KeyObject;
  /** SHA-256 of the key's SubjectPublicKeyInfo. */
  readonly keyDigest: Buffer;
  readonly subject: x509.JsonName;
}

export type SigningRequestResult =
  { readonly ok: true; readonly request: SigningRequest } | { readonly ok: false; readonly problem: Problem };

/**
 * Reads a PKCS #10 request in base64 (RFC 2986; RFC 7030, 4.2.1) and checks that whoever sent it has the private key.
 * The key must be on P-256, by name. Nothing else of the request will count.
 */
export async function readSigningRequest(body: unknown): Promise<SigningRequestResult> {
  const request = parse(body);
  if (request === null) return { ok: false, problem: problem('csr_malformed') };
  const key = p256Key(Buffer.from(request.publicKey.rawData));
  // Before the signature: other keys may be of kinds and sizes that we neither can nor want to compute with.
  if (key === null) return { ok: false, problem: problem('csr_key_not_allowed') };
  if (!(await hasValidSignature(request))) return { ok: false, problem: problem('csr_malformed') };
  const keyDigest = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
  return { ok: true, request: { key, keyDigest, subject: request.subjectName.toJSON() } };
}

/** Whether the request may be for this terminal: its subject is empty, or its only common name is the terminal's id. */
export function namesTerminal({ subject }: SigningRequest, terminalId: string): boolean {
  const names = subject.flatMap((part) => part['CN'] ?? []);
  return subject.length === 0 || (names.length === 1 && names[0] === terminalId);
}

function parse(body: unknown): x509.Pkcs10CertificateRequest | null {
  if (typeof body !== 'string') return null;
  const text = body.replaceAll(/[\r\n\t ]/g, '');
  if (!BASE64.test(text)) return null;
  try {
    return new x509.Pkcs10CertificateRequest(Buffer.from(text, 'base64'));
  } catch {
    return null;
  }
}

async function hasValidSignature(request: x509.Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch {
    return false;
  }
}
