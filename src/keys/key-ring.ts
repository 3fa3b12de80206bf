import { createHash, type KeyObject, type X509Certificate } from 'node:crypto';
import { certificateThumbprint, type Clock, type Environment, type PublicKey } from '@tax-control/protocol';
import type { KeyCustody, KeyMaterial, ListenerMaterial } from './key-custody.js';
import { type KeyEntry, keyEntries } from './key-entries.js';
import { linksFrom, trustedAuthorities } from './load-authorities.js';
import { requireSuccessor } from './require-successor.js';

/** The authority that issues certificates to tills. `digest`: base64url SHA-256 of its DER bytes, as in invitations. */
export interface IssuingAuthority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
  readonly digest: string;
}

/** What is made of one reading of the files. Never changed: another reading makes another one, which takes its place at once. */
interface Ring {
  readonly material: KeyMaterial;
  readonly authority: IssuingAuthority;
  readonly authorities: readonly X509Certificate[];
  readonly certificateChain: readonly string[];
  readonly digest: string;
  readonly loadedAt: Date;
}

/**
 * All keys of this process; every instance behind one address has the same. They may be exchanged at any moment
 * ({@link reload}), so whoever needs one asks each time and keeps none.
 */
export class KeyRing {
  /** Never changes: a ring of the other one is refused. */
  readonly environment: Environment;
  private ring: Ring;
  private reasonRefused: string | null = null;

  constructor(
    private readonly custody: KeyCustody,
    private readonly clock: Clock,
  ) {
    this.ring = this.read();
    this.environment = this.ring.material.environment;
  }

  /**
   * Reads the keys again, and takes them all at one moment if they fit each other and what was issued so far; else everything stays as it is.
   * @returns whether they are others than before
   * @throws KeyFilesError, saying what to do, when they don't fit; {@link refusal} repeats it until they do
   */
  reload(): boolean {
    try {
      const next = this.read();
      requireSuccessor(this.ring.material, next.material, next.loadedAt);
      this.reasonRefused = null;
      if (next.digest === this.ring.digest) return false;
      this.ring = next;
      return true;
    } catch (error) {
      this.reasonRefused = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  private read(): Ring {
    return ringOf(this.custody.load(), new Date(this.clock.now()));
  }

  /** See {@link KeyCustody.look}. */
  look(): string {
    return this.custody.look();
  }

  /** Why the keys as they are kept now are not the ones in use; null when they are. */
  get refusal(): string | null {
    return this.reasonRefused;
  }

  /** Names this set of keys: the same on all instances that have the same. Tells nothing of the secrets in it. */
  get digest(): string {
    return this.ring.digest;
  }

  get loadedAt(): Date {
    return this.ring.loadedAt;
  }

  /** All keys and certificates with their use and their end. */
  list(): KeyEntry[] {
    return keyEntries(this.ring.material);
  }

  /** The key that signs receipts, and the id under which tills know it. */
  receiptSigner(): { readonly kid: string; readonly key: KeyObject } {
    const { trustedKeys, signing } = this.ring.material;
    return { kid: trustedKeys[0].kid, key: signing.key };
  }

  /** Public keys whose receipts are believed, the present one first. */
  trustedKeys(): readonly PublicKey[] {
    return this.ring.material.trustedKeys;
  }

  /** The MAC key of the range in which a sequence number lies. Throws when it lies below every range. */
  macKeyFor(sequence: number): Buffer {
    const found = this.ring.material.macKeys.findLast((key) => key.firstSequence <= sequence);
    if (found === undefined) throw new RangeError(`no MAC key covers the sequence number ${sequence}`);
    return found.key;
  }

  /** The authority that issues now. What others issued is good as well: check against {@link authorities}. */
  issuingCa(): IssuingAuthority {
    return this.ring.authority;
  }

  /** Certificates of all authorities whose certificates are good: the issuing one first, then earlier ones and the one to come. */
  authorities(): readonly X509Certificate[] {
    return this.ring.authorities;
  }

  /** {@link authorities} and the certificates by which one vouches for another: what a till needs to know a new one. */
  authoritiesAndLinks(): readonly X509Certificate[] {
    return [...this.ring.authorities, ...this.links()];
  }

  /**
   * What signs parameters and echo answers: key, and certificate chain as a JWS header bears it (RFC 7515, 4.1.6).
   * Authorities themselves are left out: a till has one pinned and would not believe another from here.
   */
  signingIdentity(): { readonly key: KeyObject; readonly x5c: readonly string[] } {
    return { key: this.ring.material.signing.key, x5c: this.ring.certificateChain };
  }

  /** Certificates by which one authority vouches for another. */
  links(): readonly X509Certificate[] {
    return this.ring.material.links;
  }

  /** Names and addresses by which tills reach this server. */
  terminalHosts(): readonly string[] {
    return this.ring.material.terminalHosts;
  }

  publicListener(): ListenerMaterial {
    return this.ring.material.publicListener;
  }
}

function ringOf(material: KeyMaterial, loadedAt: Date): Ring {
  const { authority, signing, links } = material;
  return {
    material,
    authority: { ...authority, digest: certificateThumbprint(authority.certificate) },
    authorities: trustedAuthorities(material),
    certificateChain: [signing.certificate, ...linksFrom(signing.certificate, links)].map(({ raw }) =>
      raw.toString('base64'),
    ),
    digest: digestOf(material),
    loadedAt,
  };
}

/** SHA-256 over everything, base64url. The secrets in it are keys of 256 bits, which nobody finds by trying. */
function digestOf(material: KeyMaterial): string {
  const hash = createHash('sha256');
  for (const entry of keyEntries(material)) hash.update(JSON.stringify(entry));
  for (const { key } of material.macKeys) hash.update(key);
  for (const { raw } of material.links) hash.update(raw);
  // With what is behind their first certificate: a web authority's own, which somebody may have forgotten at first.
  hash.update(material.publicListener.cert);
  hash.update(JSON.stringify(material.terminalHosts));
  return hash.digest('base64url');
}
