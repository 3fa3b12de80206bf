import { X509Certificate } from 'node:crypto';
import { readCertificatesPem, vouchedAuthorities } from '@tax-control/protocol';

/**
 * Whom this till believes: the authority that its invitation pinned, first, and those that came to be trusted since because a trusted
 * one vouches for them. None is ever dropped: what an earlier one certified has to be verified as long as the journal is kept.
 */
export class TrustedAuthorities {
  #certificates: readonly X509Certificate[];

  /**
   * @param pem what is on disk
   * @param keep writes the new text to disk; what it throws is not passed on, and the certificates are learned again after the next start
   */
  constructor(
    pem: string,
    private readonly keep: (pem: string) => void = () => undefined,
  ) {
    this.#certificates = readCertificatesPem(pem);
  }

  get certificates(): readonly X509Certificate[] {
    return this.#certificates;
  }

  /** All of them in one text, as TLS takes it. */
  get pem(): string {
    return this.#certificates.map(String).join('');
  }

  /** Takes over those that a trusted one vouches for, whoever sent them; tells how many were new. */
  learn(offered: readonly X509Certificate[]): number {
    const learned = vouchedAuthorities(this.#certificates, offered);
    if (learned.length === 0) return 0;
    this.#certificates = [...this.#certificates, ...learned];
    try {
      this.keep(this.pem);
    } catch {
      // A full disk is told by the next sale.
    }
    return learned.length;
  }

  /** As they are in the parameters: DER in base64. One that cannot be read hides none of the others. */
  learnEncoded(offered: readonly string[]): number {
    return this.learn(offered.flatMap(certificateOf));
  }
}

function certificateOf(base64: string): X509Certificate[] {
  try {
    return [new X509Certificate(Buffer.from(base64, 'base64'))];
  } catch {
    return [];
  }
}
