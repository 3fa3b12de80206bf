import type { CauseGroup, FailureCause } from '@tax-control/protocol';

export const GROUPS: readonly CauseGroup[] = ['network', 'server', 'authentication', 'refused', 'till'];

/** Causes that are offered in the filter, by group. Others are reached by a click on their row. */
const OFFERED: Readonly<Record<CauseGroup, readonly FailureCause[]>> = {
  network: [
    'name_not_resolved',
    'no_route',
    'connection_refused',
    'connection_reset',
    'connect_timeout',
    'answer_timeout',
    'tls_untrusted',
    'tls_certificate_dates',
    'tls_failed',
    'circuit_open',
  ],
  server: [
    'server_busy',
    'database_unavailable',
    'internal_error',
    'outcome_unknown',
    'server_error',
    'answer_unreadable',
    'receipt_invalid',
    'row_refused',
    'signer_unknown',
    'terminal_filed_differently',
  ],
  authentication: [
    'certificate_missing',
    'certificate_untrusted',
    'certificate_not_yet_valid',
    'certificate_expired',
    'certificate_expired_long_ago',
    'certificate_revoked',
    'certificate_not_enrolled',
    'terminal_unknown',
    'terminal_suspended',
    'terminal_revoked',
  ],
  refused: [
    'signature_invalid',
    'schema_violation',
    'line_arithmetic',
    'tax_arithmetic',
    'total_arithmetic',
    'payment_arithmetic',
    'identity_conflict',
    'wrong_terminal',
    'wrong_taxpayer',
    'wrong_premises',
    'reference_missing',
  ],
  till: ['till_restarted', 'clock_wrong', 'unknown'],
};

export function causesByGroup(): { readonly group: CauseGroup; readonly causes: readonly FailureCause[] }[] {
  return GROUPS.map((group) => ({ group, causes: OFFERED[group] }));
}
