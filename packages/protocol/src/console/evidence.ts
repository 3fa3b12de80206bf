/**
 * `POST /v1/console/evidence` → application/zip: signed invoices, certificates, receipts, refused ones, gaps and log entries of one
 * shop and period, a signed manifest with digests, and a README that says how to verify it with openssl alone.
 * Times of sale from `from` (inclusive) to `to` (exclusive).
 */
export interface EvidenceRequest {
  readonly premisesId: string;
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly reason: string;
}

/** `manifest.json` of the ZIP. Every other file but the manifest's own signature is in it. */
export interface EvidenceManifest {
  readonly manifestVersion: 1;
  readonly environment: 'production' | 'test';
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly reason: string;
  readonly madeBy: string;
  readonly madeAt: string;
  readonly counts: {
    readonly invoices: number;
    /** Invoices whose bytes were removed after their retention: receipt and ledger row are there. */
    readonly withoutContent: number;
    readonly refused: number;
    readonly gaps: number;
    readonly logEntries: number;
    readonly certificates: number;
  };
  /** SHA-256 in hexadecimal, as `sha256sum` prints it. */
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}
