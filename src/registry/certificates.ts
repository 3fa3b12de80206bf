import type { CertificateWay } from '@tax-control/protocol/console';
import type { Sql } from './sql.js';

/**
 * Where a certificate came from.
 * @property parent thumbprint of the certificate that was shown at a renewal; null: it was no renewal
 * @property callerAddress where the request came from; null: not known
 */
export interface CertificateOrigin {
  readonly way: CertificateWay;
  readonly parent: string | null;
  readonly callerAddress: string | null;
}

/**
 * A certificate of a terminal. `thumbprint`: base64url SHA-256 of its DER bytes (RFC 7515, x5t#S256);
 * `serial`: hexadecimal.
 */
export interface TerminalCertificate extends CertificateOrigin {
  readonly terminalId: string;
  readonly thumbprint: string;
  readonly serial: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly issuedAt: Date;
  readonly revokedAt: Date | null;
  readonly revocationReason: string | null;
}

/** A certificate that was just issued. */
export interface IssuedCertificate {
  readonly terminalId: string;
  readonly thumbprint: string;
  readonly serial: string;
  readonly der: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** With its origin, as it is stored. */
export interface NewCertificate extends IssuedCertificate, CertificateOrigin {}

/** Stores an issued certificate. Not idempotent: thumbprint and serial are unique, and a repeated one is an error. */
export async function addCertificate(sql: Sql, certificate: NewCertificate): Promise<void> {
  const { thumbprint, terminalId, serial, der, notBefore, notAfter, way, parent, callerAddress } = certificate;
  await sql.query(
    `INSERT INTO terminal_certificate (thumbprint, terminal_id, serial, der, not_before, not_after, way, parent, caller_address)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [thumbprint, terminalId, serial, der, notBefore, notAfter, way, parent, callerAddress],
  );
}

/** A certificate that a restored database had forgotten, with its revocation where that is known. */
export interface ForgottenCertificate extends IssuedCertificate {
  readonly callerAddress: string | null;
  readonly revocation: { readonly at: Date; readonly reason: string } | null;
}

/**
 * Puts a certificate on file again. Idempotent by thumbprint; one that is on file stays as it is. When it was issued nobody knows any more:
 * it counts from its beginning.
 * @returns whether it was not on file
 */
export async function addForgottenCertificate(sql: Sql, certificate: ForgottenCertificate): Promise<boolean> {
  const { thumbprint, terminalId, serial, der, notBefore, notAfter, callerAddress, revocation } = certificate;
  const { rowCount } = await sql.query(
    `INSERT INTO terminal_certificate
       (thumbprint, terminal_id, serial, der, not_before, not_after, issued_at, way, caller_address, revoked_at, revocation_reason)
     VALUES ($1, $2, $3, $4, $5, $6, $5, 'shown_again', $7, $8, $9) ON CONFLICT (thumbprint) DO NOTHING`,
    [
      thumbprint,
      terminalId,
      serial,
      der,
      notBefore,
      notAfter,
      callerAddress,
      revocation?.at ?? null,
      revocation?.reason ?? null,
    ],
  );
  return rowCount === 1;
}

/** The DER bytes of certificates by thumbprint; unknown ones are missing from the answer. */
export async function readCertificateBytes(sql: Sql, thumbprints: readonly string[]): Promise<Map<string, Buffer>> {
  const { rows } = await sql.query<{ thumbprint: string; der: Buffer }>(
    'SELECT thumbprint, der FROM terminal_certificate WHERE thumbprint = ANY($1)',
    [thumbprints],
  );
  return new Map(rows.map((row) => [row.thumbprint, row.der]));
}

/** A certificate with its DER bytes. */
export interface CertificateFile extends TerminalCertificate {
  readonly der: Buffer;
}

/** The certificate with a thumbprint; null when none is on file. */
export async function findCertificate(sql: Sql, thumbprint: string): Promise<CertificateFile | null> {
  const { rows } = await sql.query<CertificateRow & { readonly der: Buffer }>(
    `SELECT ${COLUMNS}, der FROM terminal_certificate WHERE thumbprint = $1`,
    [thumbprint],
  );
  return rows[0] === undefined ? null : { ...fromRow(rows[0]), der: rows[0].der };
}

/** Certificates of a terminal whose thumbprint begins with a text: one, as a rule. */
export async function certificatesBeginning(
  sql: Sql,
  terminalId: string,
  beginning: string,
): Promise<{ readonly der: Buffer; readonly revokedAt: Date | null }[]> {
  const { rows } = await sql.query<{ der: Buffer; revokedAt: Date | null }>(
    `SELECT der, revoked_at AS "revokedAt" FROM terminal_certificate
     WHERE terminal_id = $1 AND starts_with(thumbprint, $2) LIMIT 2`,
    [terminalId, beginning],
  );
  return rows;
}

/** All certificates that some terminals ever had, by terminal and time of issue. */
export async function readCertificatesOf(sql: Sql, terminalIds: readonly string[]): Promise<CertificateFile[]> {
  const { rows } = await sql.query<CertificateRow & { readonly der: Buffer }>(
    `SELECT ${COLUMNS}, der FROM terminal_certificate WHERE terminal_id = ANY ($1::text[])
     ORDER BY terminal_id, issued_at, thumbprint`,
    [terminalIds],
  );
  return rows.map((row) => ({ ...fromRow(row), der: row.der }));
}

/** All certificates that a terminal ever had, the newest first. */
export async function listCertificates(sql: Sql, terminalId: string): Promise<TerminalCertificate[]> {
  const { rows } = await sql.query<CertificateRow>(
    `SELECT ${COLUMNS} FROM terminal_certificate WHERE terminal_id = $1 ORDER BY issued_at DESC, thumbprint`,
    [terminalId],
  );
  return rows.map(fromRow);
}

/**
 * Lets one transaction at a time add or revoke certificates of a terminal: a renewal sees the revocation of the certificate that
 * it shows, and a revocation sees what was renewed a moment before. Needs a transaction.
 */
export async function lockCertificates(sql: Sql, terminalId: string): Promise<void> {
  await sql.query(`SELECT pg_advisory_xact_lock(hashtext('certificates'), hashtext($1))`, [terminalId]);
}

const COLUMNS =
  'terminal_id, thumbprint, serial, not_before, not_after, issued_at, revoked_at, revocation_reason, way, parent, caller_address';

interface CertificateRow {
  readonly terminal_id: string;
  readonly thumbprint: string;
  readonly serial: string;
  readonly not_before: Date;
  readonly not_after: Date;
  readonly issued_at: Date;
  readonly revoked_at: Date | null;
  readonly revocation_reason: string | null;
  readonly way: CertificateWay;
  readonly parent: string | null;
  readonly caller_address: string | null;
}

function fromRow(row: CertificateRow): TerminalCertificate {
  return {
    terminalId: row.terminal_id,
    thumbprint: row.thumbprint,
    serial: row.serial,
    notBefore: row.not_before,
    notAfter: row.not_after,
    issuedAt: row.issued_at,
    revokedAt: row.revoked_at,
    revocationReason: row.revocation_reason,
    way: row.way,
    parent: row.parent,
    callerAddress: row.caller_address,
  };
}
