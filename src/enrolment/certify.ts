import type { KeyObject } from 'node:crypto';
import { problem, type Problem, type ProblemCode, type ProblemFacts } from '@tax-control/protocol';
import type { KeyRing } from '../keys/key-ring.js';
import type { EntryOf } from '../recovery-log/entries.js';
import { addCertificate, type NewCertificate } from '../registry/certificates.js';
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

/** Issues and stores a certificate of a terminal. Not idempotent; needs the caller's transaction. */
export async function certify(
  sql: Sql,
  keys: KeyRing,
  { certificateDays }: EnrolmentSettings,
  { terminalId, taxpayerId, premisesId }: Terminal,
  key: KeyObject,
): Promise<NewCertificate> {
  const issued = await issueTerminalCertificate(keys.issuingCa(), {
    terminalId,
    taxpayerId,
    premisesId,
    key,
    environment: keys.environment,
    lifeDays: certificateDays,
    now: new Date(),
  });
  await addCertificate(sql, issued);
  return issued;
}

/** For the recovery log: a till goes on with the certificate that it has, whatever the database forgets. */
export function certificateEntry(issued: NewCertificate): EntryOf<'certificate_issued'> {
  const { terminalId, thumbprint, serial, der, notBefore, notAfter } = issued;
  return {
    kind: 'certificate_issued',
    at: new Date().toISOString(),
    terminalId,
    thumbprint,
    serial,
    certificate: der.toString('base64'),
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
  };
}
