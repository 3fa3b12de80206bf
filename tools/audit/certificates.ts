import { type KeyObject, X509Certificate } from 'node:crypto';
import { sha256 } from './compact-jws.js';
import type { Snapshot } from './snapshot.js';

/** A terminal's certificate as the database has it, looked at once. */
export interface TerminalCertificate {
  readonly terminalId: string;
  readonly key: KeyObject;
  /** What is wrong with it; null when nothing is. */
  readonly fault: string | null;
}

/** Parsed certificates kept in memory: some kilobytes each; a page of invoices names far fewer. */
const CERTIFICATES_KEPT = 5_000;

/** Certificates by thumbprint, read when first needed. */
export class TerminalCertificates {
  readonly #known = new Map<string, TerminalCertificate>();

  constructor(
    private readonly snapshot: Snapshot,
    private readonly authorities: readonly X509Certificate[],
  ) {}

  /** Reads those of the thumbprints that are not in memory yet. */
  async load(thumbprints: readonly string[]): Promise<void> {
    const missing = [...new Set(thumbprints)].filter((thumbprint) => !this.#known.has(thumbprint));
    if (missing.length === 0) return;
    if (this.#known.size + missing.length > CERTIFICATES_KEPT) this.#known.clear();
    const rows = await this.snapshot.query<{ thumbprint: string; terminal_id: string; der: Buffer }>(
      'SELECT thumbprint, terminal_id, der FROM terminal_certificate WHERE thumbprint = ANY ($1)',
      [missing],
    );
    for (const row of rows) {
      const certificate = new X509Certificate(row.der);
      this.#known.set(row.thumbprint, {
        terminalId: row.terminal_id,
        key: certificate.publicKey,
        fault: this.#faultOf(certificate, row.thumbprint, row.terminal_id),
      });
    }
  }

  /** One that was loaded; undefined when the database has none. */
  get(thumbprint: string): TerminalCertificate | undefined {
    return this.#known.get(thumbprint);
  }

  #faultOf(certificate: X509Certificate, thumbprint: string, terminalId: string): string | null {
    if (sha256(certificate.raw).toString('base64url') !== thumbprint) return 'is not the one that its thumbprint names';
    if (!certificate.subject.split('\n').includes(`CN=${terminalId}`)) return `does not name terminal ${terminalId}`;
    if (!this.authorities.some((authority) => certificate.verify(authority.publicKey)))
      return 'was not issued by an authority of the keys directory';
    return null;
  }
}
