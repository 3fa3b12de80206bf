import { type KeyObject, X509Certificate } from 'node:crypto';
import { BoundedMap } from './bounded-map.js';
import { BriefCache } from './brief-cache.js';
import { readCertificateBytes } from './certificates.js';
import type { Sql } from './sql.js';
import type { TerminalStatus } from './terminals.js';

/**
 * How long what is known of a terminal is believed. Suspending or revoking one must take effect on every instance
 * within a second; half of it leaves the other half for the look-up itself on a busy database.
 */
export const TERMINAL_AGE_MS_MAX = 500;

/** Terminals remembered: those that call within {@link TERMINAL_AGE_MS_MAX}; 20,000 a second is more than a country's. */
const TERMINALS_MAX = 10_000;

/** Parsed certificates remembered, 2 KB each: two for each of a fleet of 20,000 tills (old and renewed). */
const CERTIFICATES_MAX = 40_000;

/** One certificate of a terminal, ready for checking signatures. */
export interface CertificateRecord {
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly revokedAt: Date | null;
}

/** What the server knows of a terminal. `certificates`: by thumbprint, all it ever had. */
export interface TerminalRecord {
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly status: TerminalStatus;
  readonly certificates: ReadonlyMap<string, CertificateRecord>;
}

/** Who the terminals are, at most {@link TERMINAL_AGE_MS_MAX} old. Outages come as the driver's errors. */
export class TerminalDirectory {
  private readonly records: BriefCache<string, TerminalRecord | null>;
  /** A certificate belongs to one terminal for ever, so this needs no age. */
  private readonly owners = new BoundedMap<string, string>(CERTIFICATES_MAX);
  private readonly publicKeys = new BoundedMap<string, KeyObject>(CERTIFICATES_MAX);

  constructor(
    private readonly sql: Sql,
    now: () => number = () => performance.now(),
  ) {
    this.records = new BriefCache((terminalId) => this.read(terminalId), {
      ageMsMax: TERMINAL_AGE_MS_MAX,
      entriesMax: TERMINALS_MAX,
      now,
    });
  }

  /** The terminal with this id; null when none is registered. */
  byId(terminalId: string): Promise<TerminalRecord | null> {
    return this.records.get(terminalId);
  }

  /**
   * The terminal to which a certificate was issued; null when it is not on file.
   * @param thumbprint base64url SHA-256 of the certificate's DER bytes (x5t#S256)
   */
  async byThumbprint(thumbprint: string): Promise<TerminalRecord | null> {
    const owner = this.owners.get(thumbprint) ?? (await this.findOwner(thumbprint));
    if (owner === null) return null;
    const record = await this.records.get(owner);
    // Issued after the record was read, perhaps by another instance.
    return record?.certificates.has(thumbprint) === true ? record : this.records.refresh(owner);
  }

  /** What was known of a terminal last, however old; null: that it is not registered; undefined: nothing. Asks nobody. */
  lastKnown(terminalId: string): TerminalRecord | null | undefined {
    return this.records.last(terminalId);
  }

  private async findOwner(thumbprint: string): Promise<string | null> {
    const { rows } = await this.sql.query<{ terminal_id: string }>(
      'SELECT terminal_id FROM terminal_certificate WHERE thumbprint = $1',
      [thumbprint],
    );
    const owner = rows[0]?.terminal_id ?? null;
    if (owner !== null) this.owners.set(thumbprint, owner);
    return owner;
  }

  private async read(terminalId: string): Promise<TerminalRecord | null> {
    const { rows } = await this.sql.query<RecordRow>(
      `SELECT taxpayer_id, premises_id, status, thumbprint, not_before, not_after, revoked_at
       FROM terminal LEFT JOIN terminal_certificate USING (terminal_id) WHERE terminal_id = $1
       ORDER BY not_before DESC NULLS LAST`,
      [terminalId],
    );
    const [first] = rows;
    if (first === undefined) return null;
    const certified = rows.filter((row): row is CertifiedRow => row.thumbprint !== null);
    const keys = await this.keysOf(certified.map(({ thumbprint }) => thumbprint));
    const certificates = new Map<string, CertificateRecord>();
    for (const { thumbprint, not_before: notBefore, not_after: notAfter, revoked_at: revokedAt } of certified) {
      const publicKey = keys.get(thumbprint);
      if (publicKey !== undefined) certificates.set(thumbprint, { publicKey, notBefore, notAfter, revokedAt });
    }
    const { taxpayer_id: taxpayerId, premises_id: premisesId, status } = first;
    return { terminalId, taxpayerId, premisesId, status, certificates };
  }

  /** Parsing a certificate costs more than a look-up, and its key never changes. */
  private async keysOf(thumbprints: readonly string[]): Promise<Map<string, KeyObject>> {
    const keys = new Map<string, KeyObject>();
    const missing: string[] = [];
    for (const thumbprint of thumbprints) {
      const key = this.publicKeys.get(thumbprint);
      if (key === undefined) missing.push(thumbprint);
      else keys.set(thumbprint, key);
    }
    if (missing.length === 0) return keys;
    for (const [thumbprint, der] of await readCertificateBytes(this.sql, missing)) {
      const { publicKey } = new X509Certificate(der);
      this.publicKeys.set(thumbprint, publicKey);
      keys.set(thumbprint, publicKey);
    }
    return keys;
  }
}

interface CertifiedRow {
  readonly taxpayer_id: string;
  readonly premises_id: string;
  readonly status: TerminalStatus;
  readonly thumbprint: string;
  readonly not_before: Date;
  readonly not_after: Date;
  readonly revoked_at: Date | null;
}

type RecordRow = CertifiedRow | (Omit<CertifiedRow, 'thumbprint'> & { readonly thumbprint: null });
