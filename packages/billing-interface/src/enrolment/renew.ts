import { X509Certificate } from 'node:crypto';
import { isIssuedBy } from '@tax-control/protocol';
import type { Line, SendBounds } from '../sender/line.js';
import type { CallFailure } from '../sender/read-answer.js';
import { makeCertificateRequest, makeKeyPem } from './certificate-request.js';
import { enrolAgain } from './est-client.js';
import { certificateFitsKey, identityOf, type TillIdentity } from './identity.js';
import type { TillFiles } from './till-files.js';
import type { TrustedAuthorities } from './trusted-authorities.js';

export type RenewalResult =
  { readonly ok: true; readonly identity: TillIdentity } | { readonly ok: false; readonly failure: CallFailure };

/** Part of a certificate's life after which it is renewed: a third of a year is left for outages. */
const RENEWAL_AT = 2 / 3;
/** Spread over this part of its life, so that a fleet that was enrolled on one day does not come back on one day. */
const RENEWAL_SPREAD = 1 / 12;

/** When to renew, by the till's clock in milliseconds. @param random 0 to 1, the same for one certificate */
export function renewalTime(identity: Pick<TillIdentity, 'notBefore' | 'notAfter'>, random: number): number {
  const begin = identity.notBefore.getTime();
  const life = identity.notAfter.getTime() - begin;
  return begin + life * (RENEWAL_AT - RENEWAL_SPREAD * random);
}

/** A number from 0 to 1 that is the same for a certificate at every start. */
export function spreadOf(identity: Pick<TillIdentity, 'thumbprint'>): number {
  return Buffer.from(identity.thumbprint, 'base64url').readUInt32BE() / 2 ** 32;
}

/**
 * Gets a certificate for a new key (RFC 7030, 4.2.2) and puts both in the place of the old ones. What waits stays signed
 * by the old key. After a crash or a lost answer the same key is offered again.
 */
export async function renew(
  files: TillFiles,
  line: Line,
  identity: TillIdentity,
  authorities: TrustedAuthorities,
  bounds: SendBounds,
): Promise<RenewalResult> {
  const keyPem = files.keyNext() ?? makeKeyPem();
  files.writeKeyNext(keyPem, null);
  const csr = await makeCertificateRequest(keyPem, identity.terminalId);
  const asked = await enrolAgain(line, csr, bounds);
  if (!asked.ok) return asked;
  const certificate = new X509Certificate(asked.certificatePem);
  const renewed = identityOf(asked.certificatePem, keyPem);
  const isOurs =
    isIssuedBy(certificate, [], authorities.certificates) &&
    certificateFitsKey(asked.certificatePem, keyPem) &&
    (['terminalId', 'taxpayerId', 'premisesId'] as const).every((name) => renewed[name] === identity[name]);
  if (!isOurs) {
    const detail = 'The certificate that came is not for this terminal and key.';
    return { ok: false, failure: { cause: 'answer_unreadable', class: 'own', detail, problem: null } };
  }
  files.takeCertificate(asked.certificatePem);
  return { ok: true, identity: renewed };
}
