import type { KeyObject, X509Certificate } from 'node:crypto';
import { certificateThumbprint, type Environment, type PublicKey } from '@tax-control/protocol';
import type { KeyCustody, KeyMaterial, ListenerMaterial } from './key-custody.js';

/** The authority that issues certificates to tills. `digest`: base64url SHA-256 of its DER bytes, as in invitations. */
export interface IssuingAuthority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  readonly digest: string;
}

/** All keys of this process, loaded once; every instance behind one address has the same. */
export class KeyRing {
  readonly environment: Environment;
  private readonly material: KeyMaterial;
  private readonly authority: IssuingAuthority;
  private readonly certificateChain: string[];

  constructor(custody: KeyCustody) {
    this.material = custody.load();
    this.environment = this.material.environment;
    const { authority, signing } = this.material;
    this.authority = {
      ...authority,
      digest: certificateThumbprint(authority.certificate),
    };
    this.certificateChain = [signing.certificate.raw.toString('base64')];
  }

  /** The key that signs receipts, and the id under which tills know it. */
  receiptSigner(): { readonly kid: string; readonly key: KeyObject } {
    return { kid: this.material.trustedKeys[0].kid, key: this.material.signing.key };
  }

  /** Public keys whose receipts are believed, the present one first. */
  trustedKeys(): readonly PublicKey[] {
    return this.material.trustedKeys;
  }

  /** The MAC key of the range in which a sequence number lies. Throws when it lies below every range. */
  macKeyFor(sequence: number): Buffer {
    const found = this.material.macKeys.findLast((key) => key.firstSequence <= sequence);
    if (found === undefined) throw new RangeError(`no MAC key covers the sequence number ${sequence}`);
    return found.key;
  }

  issuingCa(): IssuingAuthority {
    return this.authority;
  }

  /**
   * What signs parameters and echo answers: key, and certificate chain as a JWS header bears it (RFC 7515, 4.1.6).
   * The authority itself is left out: a till has it pinned and would not believe it from here.
   */
  signingIdentity(): { readonly key: KeyObject; readonly x5c: readonly string[] } {
    return { key: this.material.signing.key, x5c: this.certificateChain };
  }

  terminalListener(): ListenerMaterial {
    return this.material.terminalListener;
  }

  publicListener(): ListenerMaterial {
    return this.material.publicListener;
  }
}
