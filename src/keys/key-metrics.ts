import type { Metrics } from '../observability/metrics/metrics.js';
import type { KeyRing } from './key-ring.js';
import type { TerminalListener } from './terminal-listener.js';

const MILLISECONDS_PER_SECOND = 1_000;

/** Offers when the certificates in use end, and whether all instances have the same keys. They may be exchanged, so they are read each time. */
export function offerKeyMetrics(metrics: Metrics, keys: KeyRing, listener: TerminalListener): void {
  metrics.gauge({
    name: 'tax_control_certificate_expiry_timestamp_seconds',
    help: 'When a certificate in use ends, seconds since 1970, by what it is (as in `tax-control keys list`).',
    labels: ['certificate'],
    read: () =>
      listener
        .list()
        .flatMap(({ kind, use, notAfter }) =>
          use !== 'in_use' || notAfter === null
            ? []
            : [{ labels: { certificate: kind }, value: Date.parse(notAfter) / MILLISECONDS_PER_SECOND }],
        ),
  });
  metrics.gauge({
    name: 'tax_control_keys_info',
    help: 'Names the set of keys in use, the same on all instances that have the same; always 1.',
    labels: ['digest'],
    read: () => [{ labels: { digest: keys.digest }, value: 1 }],
  });
  metrics.gauge({
    name: 'tax_control_keys_refused',
    help: 'Whether the key files as they are now do not fit, so that the earlier keys stay in use, 1 or 0.',
    read: () => [{ value: keys.refusal === null ? 0 : 1 }],
  });
}
