import { type KeyObject, X509Certificate } from 'node:crypto';
import { certificateThumbprint, type Environment } from '@tax-control/protocol';
import type { IssuingAuthority } from '../keys/key-ring.js';
import { makeCertificate } from '../keys/make-certificate.js';
import { environmentMark } from '../keys/make-parts.js';
import type { IssuedCertificate } from '../registry/certificates.js';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** By how much clocks of instances, and of tills before they measured theirs, may differ without "not valid yet". */
const BACKDATED_MS = HOUR_MS;

/**
 * @property lifeDays from now on
 */
export interface TerminalCertificateRequest {
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly key: KeyObject;
  readonly environment: Environment;
  readonly lifeDays: number;
  readonly now: Date;
}

/** Issues a terminal's certificate, for client authentication and signatures. Storing it is the caller's. */
export async function issueTerminalCertificate(
  authority: IssuingAuthority,
  { terminalId, taxpayerId, premisesId, key, environment, lifeDays, now }: TerminalCertificateRequest,
): Promise<IssuedCertificate> {
  const authorityEnd = Date.parse(authority.certificate.validTo);
  const notBefore = wholeSecond(now.getTime() - BACKDATED_MS);
  const notAfter = wholeSecond(Math.min(now.getTime() + lifeDays * DAY_MS, authorityEnd));
  const der = await makeCertificate({
    purpose: 'terminal',
    subject: {
      commonName: terminalId,
      organization: taxpayerId,
      // A till reads from here who it is: CN terminal, O taxpayer, OU premises, each of them once.
      organizationalUnit: premisesId,
      ...environmentMark(environment),
    },
    key,
    notBefore,
    notAfter,
    issuer: { certificate: authority.certificate.raw, key: authority.key },
  });
  const certificate = new X509Certificate(der);
  return {
    terminalId,
    thumbprint: certificateThumbprint(certificate),
    serial: certificate.serialNumber,
    der,
    notBefore,
    notAfter,
  };
}

/** Certificates know no fractions (RFC 5280, 4.1.2.5); what is stored beside one must say the same. */
function wholeSecond(timeMs: number): Date {
  return new Date(Math.floor(timeMs / 1000) * 1000);
}
