import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { certificateThumbprint } from '@tax-control/protocol';
import type { TerminalRecord, TillFiles } from './till-files.js';

/** Who this till is, and what it proves it with. */
export interface TillIdentity {
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly key: KeyObject;
  readonly keyPem: string;
  readonly certificatePem: string;
  /** SHA-256 of the certificate's DER bytes, base64url (`x5t#S256`). */
  readonly thumbprint: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** What an enrolled till has on disk. */
export interface EnrolledTill {
  readonly terminal: TerminalRecord;
  readonly authorityPem: string;
  readonly identity: TillIdentity;
}

/** What the folder holds: an enrolled till, none yet, or files that do not fit each other (with what to do). */
export type TillReading =
  | { readonly state: 'enrolled'; readonly till: EnrolledTill }
  | { readonly state: 'not_enrolled' }
  | { readonly state: 'damaged'; readonly detail: string };

/** Reads the folder; finishes a renewal that a crash interrupted. */
export function readTill(files: TillFiles): TillReading {
  try {
    files.settle();
    const terminal = files.terminal();
    const authorityPem = files.authority();
    const keyPem = files.key();
    const certificatePem = files.certificate();
    if (terminal === null || authorityPem === null || keyPem === null || certificatePem === null)
      return { state: 'not_enrolled' };
    if (!certificateFitsKey(certificatePem, keyPem))
      return damaged('certificate.pem is not the certificate of key.pem');
    return { state: 'enrolled', till: { terminal, authorityPem, identity: identityOf(certificatePem, keyPem) } };
  } catch (error) {
    return damaged(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Reads who a certificate says the till is: subject CN terminal, O taxpayer, first OU premises.
 * @throws Error when a name is missing
 */
export function identityOf(certificatePem: string, keyPem: string): TillIdentity {
  const certificate = new X509Certificate(certificatePem);
  const names = subjectOf(certificate);
  return {
    terminalId: nameOf(names, 'CN'),
    taxpayerId: nameOf(names, 'O'),
    premisesId: nameOf(names, 'OU'),
    key: createPrivateKey(keyPem),
    keyPem,
    certificatePem,
    thumbprint: certificateThumbprint(certificate),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

export function certificateFitsKey(certificatePem: string, keyPem: string): boolean {
  return createPublicKey(keyPem).equals(new X509Certificate(certificatePem).publicKey);
}

/** `CN=till-1` lines; a type may occur twice, the first one counts. */
function subjectOf(certificate: X509Certificate): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of certificate.subject.split('\n')) {
    const [type, ...value] = line.split('=');
    if (type !== undefined && !names.has(type)) names.set(type, value.join('='));
  }
  return names;
}

function nameOf(names: ReadonlyMap<string, string>, type: string): string {
  const name = names.get(type);
  if (name === undefined || name === '') throw new Error(`the subject of certificate.pem has no ${type}`);
  return name;
}

function damaged(detail: string): TillReading {
  return {
    state: 'damaged',
    detail: `The files of this till do not fit each other (${detail}). Enrol it again with a new invitation.`,
  };
}
