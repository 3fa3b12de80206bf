import type { KeyObject, X509Certificate } from 'node:crypto';
import type { Environment, PublicKey } from '@tax-control/protocol';

/** PEM texts as node:tls takes them. */
export interface ListenerMaterial {
  readonly cert: string;
  readonly key: string;
}

/** One key of the printed code's MAC and the first sequence number that it authenticates. */
export interface MacKey {
  readonly firstSequence: number;
  readonly key: Buffer;
}

/** Everything secret that the server works with. */
export interface KeyMaterial {
  readonly environment: Environment;
  readonly authority: { readonly certificate: X509Certificate; readonly key: KeyObject };
  readonly signing: { readonly certificate: X509Certificate; readonly key: KeyObject };
  /** All keys whose receipts are believed, the one that signs at present first. */
  readonly trustedKeys: readonly [PublicKey, ...PublicKey[]];
  /** In ascending order of their first sequence number. */
  readonly macKeys: readonly MacKey[];
  readonly terminalListener: ListenerMaterial;
  readonly publicListener: ListenerMaterial;
}

/**
 * Where keys are kept. Files are one way; a hardware module that hands out its keys as KeyObjects is another, and
 * nothing but this interface would have to be written for it.
 */
export interface KeyCustody {
  /** Throws KeyFilesError, saying what to do, when something is missing or does not fit. */
  load(): KeyMaterial;
}
