import { X509Certificate } from 'node:crypto';
import type { Metrics } from '../observability/metrics/metrics.js';
import type { KeyRing } from './key-ring.js';

const SECONDS_PER_MILLISECOND = 1 / 1_000;

/** Offers when the certificates end that this process works with now: they may be others after a rotation, so they are read each time. */
export function offerCertificateMetrics(metrics: Metrics, keys: KeyRing): void {
  metrics.gauge({
    name: 'tax_control_certificate_expiry_timestamp_seconds',
    help: 'When a certificate ends, seconds since 1970: ca (of the tills), signing (receipts), terminals and public (the listeners).',
    labels: ['certificate'],
    read: () => {
      const certificates = {
        ca: keys.issuingCa().certificate,
        signing: new X509Certificate(Buffer.from(keys.signingIdentity().x5c[0] ?? '', 'base64')),
        terminals: new X509Certificate(keys.terminalListener().cert),
        public: new X509Certificate(keys.publicListener().cert),
      };
      return Object.entries(certificates).map(([certificate, { validTo }]) => ({
        labels: { certificate },
        value: Date.parse(validTo) * SECONDS_PER_MILLISECOND,
      }));
    },
  });
}
