import type { KeyObject } from 'node:crypto';
import { problem, type Problem, type ProblemCode, type ProblemFacts } from '@tax-control/protocol';
import type { KeyRing } from '../keys/key-ring.js';
import type { EntryOf } from '../recovery-log/entries.js';
import { appendToTrail } from '../audit-trail/audit-trail-store.js';
import { addCertificate, type CertificateOrigin, type NewCertificate } from '../registry/certificates.js';
import type { Sql } from '../registry/sql.js';
import type { Terminal } from '../registry/terminals.js';
import { issueTerminalCertificate } from './issue-certificate.js';

/** A till has its certificate (DER), or the problem says why not. */
export type EnrolmentResult =
  | { readonly result: 'certified'; readonly certificate: Buffer }
  | { readonly result: 'refused'; readonly problem: Problem };

export function certified(certificate: Buffer): EnrolmentResult {
  return { result: 'certified', certificate };
}

export function refusedWith(code: ProblemCode, facts?: ProblemFacts): EnrolmentResult {
  return { result: 'refused', problem: problem(code, facts) };
}

/** @property certificateDays life of a terminal's certificate */
export interface EnrolmentSettings {
  readonly certificateDays: number;
}

/** Who asks for a certificate, for the record. */
export interface Visitor {
  readonly address: string;
  readonly requestId: string;
}

/** What to certify: the key of the terminal, and how it came. */
export interface CertificateDraft {
  readonly terminal: Terminal;
  readonly key: KeyObject;
  readonly origin: Pick<CertificateOrigin, 'way' | 'parent'>;
  readonly visitor: Visitor;
  /** When it is issued. */
  readonly now: Date;
}

/** Issues, stores and records a certificate of a terminal. Not idempotent; needs the caller's transaction. */
export async function certify(
  sql: Sql,
  keys: KeyRing,
  { certificateDays }: EnrolmentSettings,
  { terminal, key, origin, visitor, now }: CertificateDraft,
): Promise<NewCertificate> {
  const { terminalId, taxpayerId, premisesId } = terminal;
  const issued = await issueTerminalCertificate(keys.issuingCa(), {
    terminalId,
    taxpayerId,
    premisesId,
    key,
    environment: keys.environment,
    lifeDays: certificateDays,
    now,
  });
  const certificate = { ...issued, ...origin, callerAddress: visitor.address };
  await addCertificate(sql, certificate);
  const { thumbprint, notAfter } = issued;
  const facts = { thumbprint, ...origin, notAfter: notAfter.toISOString() };
  await appendToTrail(sql, { officialName: null, remoteAddress: visitor.address, requestId: visitor.requestId }, [
    { action: 'certificate.issued', subject: terminalId, facts },
  ]);
  return certificate;
}

/** For the recovery log: a till goes on with the certificate that it has, whatever the database forgets. */
export function certificateEntry(issued: NewCertificate, now: Date): EntryOf<'certificate_issued'> {
  const { terminalId, thumbprint, serial, der, notBefore, notAfter, way, parent, callerAddress } = issued;
  return {
    kind: 'certificate_issued',
    at: now.toISOString(),
    terminalId,
    thumbprint,
    serial,
    certificate: der.toString('base64'),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    way,
    parent,
    callerAddress,
  };
}
