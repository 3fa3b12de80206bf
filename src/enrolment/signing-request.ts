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
  const text = typeof body === 'string' ? body.replaceAll(/[\r\n\t ]/g, '') : '';
  if (!BASE64.test(text)) return MALFORMED;
  try {
    return await readRequest(new x509.Pkcs10CertificateRequest(Buffer.from(text, 'base64')));
  } catch {
    // The library parses each part only when it is asked for, and throws errors of many kinds at what is no ASN.1 of its own. All of
    // it is a stranger's.
    return MALFORMED;
  }
}

const MALFORMED: SigningRequestResult = { ok: false, problem: problem('csr_malformed') };

/** @throws at whatever is malformed */
async function readRequest(request: x509.Pkcs10CertificateRequest): Promise<SigningRequestResult> {
  const key = p256Key(Buffer.from(request.publicKey.rawData));
  // Before the signature: other keys may be of kinds and sizes that we neither can nor want to compute with.
  if (key === null) return { ok: false, problem: problem('csr_key_not_allowed') };
  if (!(await request.verify())) return MALFORMED;
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
