import type { Sql } from './sql.js';

/**
 * A certificate of a terminal. `thumbprint`: base64url SHA-256 of its DER bytes (RFC 7515, x5t#S256);
 * `serial`: hexadecimal.
 */
export interface TerminalCertificate {
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
export interface NewCertificate {
  readonly terminalId: string;
  readonly thumbprint: string;
  readonly serial: string;
  readonly der: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Stores an issued certificate. Not idempotent: thumbprint and serial are unique, and a repeated one is an error. */
export async function addCertificate(sql: Sql, certificate: NewCertificate): Promise<void> {
  const { thumbprint, terminalId, serial, der, notBefore, notAfter } = certificate;
  await sql.query(
    `INSERT INTO terminal_certificate (thumbprint, terminal_id, serial, der, not_before, not_after)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [thumbprint, terminalId, serial, der, notBefore, notAfter],
  );
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

/** Revokes one certificate of a terminal, for ever; the time of the first revocation stands. */
export async function revokeCertificate(
  sql: Sql,
  terminalId: string,
  thumbprint: string,
  reason: string,
): Promise<'revoked' | 'unchanged' | 'unknown'> {
  const { rowCount } = await sql.query(
    `UPDATE terminal_certificate SET revoked_at = now(), revocation_reason = $3
     WHERE terminal_id = $1 AND thumbprint = $2 AND revoked_at IS NULL`,
    [terminalId, thumbprint, reason],
  );
  if (rowCount === 1) return 'revoked';
  const all = await listCertificates(sql, terminalId);
  return all.some((certificate) => certificate.thumbprint === thumbprint) ? 'unchanged' : 'unknown';
}

const COLUMNS = 'terminal_id, thumbprint, serial, not_before, not_after, issued_at, revoked_at, revocation_reason';

interface CertificateRow {
  readonly terminal_id: string;
  readonly thumbprint: string;
  readonly serial: string;
  readonly not_before: Date;
  readonly not_after: Date;
  readonly issued_at: Date;
  readonly revoked_at: Date | null;
  readonly revocation_reason: string | null;
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
  };
}
