import { type KeyObject, X509Certificate } from 'node:crypto';
import type { CertificateWay } from '@tax-control/protocol/console';
import { BriefCache } from './brief-cache.js';
import type { Sql } from './sql.js';
import type { TerminalStatus } from './terminals.js';

/**
 * How long what is known of a terminal is believed. Suspending or revoking one must take effect on every instance
 * within a second; half of it leaves the other half for the look-up itself on a busy database.
 */
export const TERMINAL_AGE_MS_MAX = 500;

/** Terminals remembered where nobody says how many (tests, tools). */
const TERMINALS_MAX = 10_000;

const SHOWN_AGAIN: CertificateWay = 'shown_again';

/** One certificate of a terminal, ready for checking signatures. */
export interface CertificateRecord {
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly revokedAt: Date | null;
  /** The database had forgotten it: it verifies what it signed and opens no connection (docs/decisions/0039). */
  readonly isShownAgain: boolean;
  /** Taxpayer and premises that it names; null where it names none. */
  readonly names: CertificateNames;
}

export interface CertificateNames {
  readonly taxpayerId: string | null;
  readonly premisesId: string | null;
}

/** As it is remembered. */
class FiledCertificate implements CertificateRecord {
  #publicKey: KeyObject | undefined;

  constructor(
    private readonly der: Buffer,
    readonly notBefore: Date,
    readonly notAfter: Date,
    readonly revokedAt: Date | null,
    readonly isShownAgain: boolean,
  ) {}

  /** Parsed when somebody asks for it: of all the certificates that a terminal ever had, one is in use. */
  get publicKey(): KeyObject {
    this.#publicKey ??= new X509Certificate(this.der).publicKey;
    return this.#publicKey;
  }

  get names(): CertificateNames {
    const { subject } = new X509Certificate(this.der);
    return { taxpayerId: attributeOf(subject, 'O'), premisesId: attributeOf(subject, 'OU') };
  }

  /** The same certificate, and what is known of its revocation now. */
  as(revokedAt: Date | null): FiledCertificate {
    if (revokedAt?.getTime() === this.revokedAt?.getTime()) return this;
    const changed = new FiledCertificate(this.der, this.notBefore, this.notAfter, revokedAt, this.isShownAgain);
    changed.#publicKey = this.#publicKey;
    return changed;
  }
}

/** A certificate that is on file nowhere, as {@link CertificateRecord}: for judging what it signed. */
export function unfiledCertificate(der: Buffer): CertificateRecord {
  const { validFrom, validTo } = new X509Certificate(der);
  return new FiledCertificate(der, new Date(validFrom), new Date(validTo), null, true);
}

/**
 * Certificates of one terminal that are read with it, the newest: the renewals of four years. A till that renews ten times a day would have
 * thousands, to be read twice a second.
 */
const CERTIFICATES_READ_MAX = 50;

/**
 * What the server knows of a terminal.
 * @property certificates by thumbprint, the newest {@link CERTIFICATES_READ_MAX}
 * @property olderCertificate one that is not among them; `of_other_terminal`; null: none such is on file. Outages come as the driver's
 * errors.
 */
export interface TerminalRecord {
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly status: TerminalStatus;
  readonly certificates: ReadonlyMap<string, CertificateRecord>;
  readonly olderCertificate: (thumbprint: string) => Promise<CertificateRecord | 'of_other_terminal' | null>;
}

/** Who the terminals are, at most {@link TERMINAL_AGE_MS_MAX} old. Outages come as the driver's errors. */
export class TerminalDirectory {
  private readonly records: BriefCache<string, FiledTerminal | null>;

  /**
   * @param options.terminalsMax terminals remembered (memory-plan.ts); one that is forgotten costs a longer look-up
   * @param options.now milliseconds of a clock that never goes back
   */
  constructor(
    private readonly sql: Sql,
    options: { readonly terminalsMax?: number; readonly now?: () => number } = {},
  ) {
    this.records = new BriefCache((terminalId) => this.read(terminalId), {
      ageMsMax: TERMINAL_AGE_MS_MAX,
      entriesMax: options.terminalsMax ?? TERMINALS_MAX,
      now: options.now ?? (() => performance.now()),
    });
  }

  /** The terminal with this id; null when none is registered. */
  byId(terminalId: string): Promise<TerminalRecord | null> {
    return this.records.get(terminalId);
  }

  /** As {@link byId}, asked at this moment: for what follows an act of the office, such as a revocation. */
  byIdNow(terminalId: string): Promise<TerminalRecord | null> {
    return this.records.refresh(terminalId);
  }

  /**
   * The terminal to which a certificate was issued; null when it is not on file.
   * @param terminalId the certificate's common name
   * @param thumbprint base64url SHA-256 of the certificate's DER bytes (x5t#S256)
   */
  async byCertificate(terminalId: string, thumbprint: string): Promise<TerminalRecord | null> {
    const known = await this.records.get(terminalId);
    if (known?.certificates.has(thumbprint) === true) return known;
    // Issued after the record was read, perhaps by another instance; or so long ago that it is not read with its terminal.
    const fresh = await this.records.refresh(terminalId);
    if (fresh === null || fresh.certificates.has(thumbprint)) return fresh;
    const older = await fresh.olderCertificate(thumbprint);
    if (older === null || older === 'of_other_terminal') return null;
    return { ...fresh, certificates: new Map([...fresh.certificates, [thumbprint, older]]) };
  }

  /** What was known of a terminal last, however old; null: that it is not registered; undefined: nothing. Asks nobody. */
  lastKnown(terminalId: string): TerminalRecord | null | undefined {
    return this.records.last(terminalId);
  }

  /** One look-up; the bytes of certificates come along where they are not remembered. */
  private async read(terminalId: string): Promise<FiledTerminal | null> {
    const remembered = this.records.last(terminalId)?.certificates ?? new Map<string, FiledCertificate>();
    const { rows } = await this.sql.query<RecordRow>(
      `SELECT taxpayer_id, premises_id, status, thumbprint, not_before, not_after, revoked_at, way,
         CASE WHEN thumbprint <> ALL($2) THEN der END AS der
       FROM terminal LEFT JOIN terminal_certificate USING (terminal_id) WHERE terminal_id = $1
       ORDER BY not_before DESC NULLS LAST LIMIT $3`,
      [terminalId, [...remembered.keys()], CERTIFICATES_READ_MAX],
    );
    const [first] = rows;
    if (first === undefined) return null;
    const certificates = new Map<string, FiledCertificate>();
    for (const row of rows) {
      if (row.thumbprint === null) continue;
      const { thumbprint, der, not_before: notBefore, not_after: notAfter, revoked_at: revokedAt, way } = row;
      const certificate =
        der === null
          ? remembered.get(thumbprint)
          : new FiledCertificate(der, notBefore, notAfter, revokedAt, way === SHOWN_AGAIN);
      if (certificate !== undefined) certificates.set(thumbprint, certificate.as(revokedAt));
    }
    const { taxpayer_id: taxpayerId, premises_id: premisesId, status } = first;
    const olderCertificate = (thumbprint: string): Promise<CertificateRecord | 'of_other_terminal' | null> =>
      this.readOlder(terminalId, thumbprint);
    return { terminalId, taxpayerId, premisesId, status, certificates, olderCertificate };
  }

  private async readOlder(
    terminalId: string,
    thumbprint: string,
  ): Promise<CertificateRecord | 'of_other_terminal' | null> {
    const { rows } = await this.sql.query<
      Pick<CertifiedRow, 'not_before' | 'not_after' | 'revoked_at' | 'way'> & { der: Buffer; terminal_id: string }
    >(
      `SELECT terminal_id, der, not_before, not_after, revoked_at, way FROM terminal_certificate WHERE thumbprint = $1`,
      [thumbprint],
    );
    const [row] = rows;
    if (row === undefined) return null;
    if (row.terminal_id !== terminalId) return 'of_other_terminal';
    return new FiledCertificate(row.der, row.not_before, row.not_after, row.revoked_at, row.way === SHOWN_AGAIN);
  }
}

interface FiledTerminal extends TerminalRecord {
  readonly certificates: ReadonlyMap<string, FiledCertificate>;
}

interface CertifiedRow {
  readonly taxpayer_id: string;
  readonly premises_id: string;
  readonly status: TerminalStatus;
  readonly thumbprint: string;
  readonly not_before: Date;
  readonly not_after: Date;
  readonly revoked_at: Date | null;
  readonly way: CertificateWay;
  /** Null: it is remembered. */
  readonly der: Buffer | null;
}

type RecordRow = CertifiedRow | (Omit<CertifiedRow, 'thumbprint'> & { readonly thumbprint: null });

/** An attribute of a subject as Node.js writes it, a line each; null where it is not there. */
function attributeOf(subject: string, name: string): string | null {
  return new RegExp(`^${name}=(.*)$`, 'm').exec(subject)?.[1] ?? null;
}
