import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { certificateThumbprint } from '@tax-control/protocol';

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

/**
 * Reads who a certificate says the till is: subject CN terminal, O taxpayer, OU premises.
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
