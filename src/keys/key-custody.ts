import type { KeyObject, X509Certificate } from 'node:crypto';
import type { Environment, PublicKey } from '@tax-control/protocol';

/** PEM texts as node:tls takes them. */
export interface ListenerMaterial {
  readonly cert: string;
  readonly key: string;
}

/** A private key and its certificate. */
export interface KeyPair {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** One key of the printed code's MAC and the first sequence number that it authenticates. */
export interface MacKey {
  readonly firstSequence: number;
  readonly key: Buffer;
}

/** Everything secret that the server works with. */
export interface KeyMaterial {
  readonly environment: Environment;
  /** The one that issues. */
  readonly authority: KeyPair;
  /** Made known to the tills, and issuing later; null: none. */
  readonly nextAuthority: KeyPair | null;
  /** Those that issued before: what they issued is still good. */
  readonly earlierAuthorities: readonly X509Certificate[];
  /** By which authorities vouch for each other. */
  readonly links: readonly X509Certificate[];
  readonly signing: KeyPair;
  /** Made known to the tills, and signing later; null: none. */
  readonly nextSigning: KeyPair | null;
  /** All keys whose receipts are believed, the one that signs at present first. */
  readonly trustedKeys: readonly [PublicKey, ...PublicKey[]];
  /** In ascending order of their first sequence number. */
  readonly macKeys: readonly MacKey[];
  /** What the certificate of the terminals' listener must name. */
  readonly terminalHosts: readonly string[];
  readonly publicListener: ListenerMaterial;
}

/**
 * Where keys are kept. Files are one way; a hardware module that hands out its keys as KeyObjects is another, and
 * nothing but this interface would have to be written for it.
 */
export interface KeyCustody {
  /** Throws KeyFilesError, saying what to do, when something is missing or does not fit. */
  load(): KeyMaterial;

  /** A text that is another one after anything was changed that {@link load} reads. Cheap; never throws. */
  look(): string;
}
