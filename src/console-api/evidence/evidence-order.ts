import type { KeyObject } from 'node:crypto';
import type { PublicKey } from '@tax-control/protocol';
import type { EvidenceManifest } from '@tax-control/protocol/console';
import type { DatabaseSettings } from '../../configuration/settings.js';

/** What stands at the head of a manifest; the counts and files come as they are written. */
export type ManifestHead = Omit<EvidenceManifest, 'counts' | 'files'>;

/** What the server stands for, as it goes into the file. `x5c`: DER in base64, the certificate of `key` first. */
export interface EvidenceKeys {
  readonly authorities: readonly string[];
  readonly signing: { readonly key: KeyObject; readonly x5c: readonly string[] };
  readonly trustedKeys: readonly PublicKey[];
}

/** All that a thread needs to write one file. `sequences`: the invoices, in the order in which they are written. */
export interface EvidenceOrder {
  readonly database: DatabaseSettings;
  readonly head: ManifestHead;
  readonly keys: EvidenceKeys;
  readonly sequences: readonly number[];
}

/** How many of each were written so far. */
export type EvidenceCounts = { -readonly [Name in keyof EvidenceManifest['counts']]: number };
