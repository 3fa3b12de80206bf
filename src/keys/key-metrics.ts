import { X509Certificate } from 'node:crypto';
import type { Metrics } from '../observability/metrics/metrics.js';
import type { KeyRing } from './key-ring.js';

const SECONDS_PER_MILLISECOND = 1 / 1_000;

/** Offers which keys this process works with and when they end: they may be others after a rotation, so they are read each time. */
export function offerKeyMetrics(metrics: Metrics, keys: KeyRing): void {
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
  metrics.gauge({
    name: 'tax_control_keys_refused',
    help: '1 while the files in the keys directory do not fit and the server goes on with the keys it has; the log says why.',
    read: () => [{ value: keys.refusal === null ? 0 : 1 }],
  });
  metrics.gauge({
    name: 'tax_control_keys_info',
    help: 'Always 1; `digest` names the set of keys in use, the same on all instances that have the same.',
    labels: ['digest'],
    read: () => [{ labels: { digest: keys.digest }, value: 1 }],
  });
}
