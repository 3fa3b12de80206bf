import { X509Certificate } from 'node:crypto';
import { readInvoiceJws } from '@tax-control/protocol';
import type { TillParts } from './till-parts.js';

/** For a small call and a small answer, in milliseconds. */
const SHOW_MS = 5_000;
/** After this time a certificate is shown again that the server still does not know, in milliseconds: it may have been restored once more. */
const AGAIN_MS = 3_600_000;

/**
 * Shows the server the certificates that it has forgotten (`signer_unknown`): a till that had to enrol again has invoices that wait, signed by
 * the key it had before, and its journal keeps every certificate.
 */
export class CertificateShower {
  /** When each was shown, by thumbprint; milliseconds of the monotonic clock. */
  readonly #shown = new Map<string, number>();

  constructor(private readonly parts: Pick<TillParts, 'calls' | 'clock' | 'journal'>) {}

  /**
   * Runs on the lane that its caller has.
   * @param texts invoices that were answered `signer_unknown`, each as compact JWS
   * @returns whether the server knows one more than before: then what it did not know is worth sending again
   */
  async show(texts: readonly string[]): Promise<boolean> {
    let isOneMore = false;
    for (const thumbprint of new Set(texts.map(signerOf))) {
      if (thumbprint !== null && (await this.#showOne(thumbprint))) isOneMore = true;
    }
    return isOneMore;
  }

  async #showOne(thumbprint: string): Promise<boolean> {
    const { calls, clock, journal } = this.parts;
    const now = clock.monotonicMs();
    const before = this.#shown.get(thumbprint);
    if (before !== undefined && now - before < AGAIN_MS) return false;
    const pem = journal.tryRead(() => journal.settings.certificate(thumbprint));
    if (pem === null) return false;
    const until = now + SHOW_MS;
    const result = await calls.showCertificate(new X509Certificate(pem).raw, { connectBy: until, answerBy: until });
    // A line that failed says nothing about the certificate.
    if (result.ok || result.failure.class !== 'outage') this.#shown.set(thumbprint, now);
    return result.ok;
  }
}

function signerOf(jws: string): string | null {
  const read = readInvoiceJws(jws);
  return read.ok ? read.signerThumbprint : null;
}
