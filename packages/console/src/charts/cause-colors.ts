import type { FailureCause } from '@tax-control/protocol';

/**
 * The colour of each cause, the same in every period, filter and page. What tills meet most often comes first and is told apart by whoever
 * confuses red and green too; the rest are further shades, no two alike. A colour is a name of Mantine's: hue and shade.
 */
const COLORS: Partial<Readonly<Record<FailureCause, string>>> = {
  connect_timeout: 'office.6',
  connection_refused: 'orange.5',
  answer_timeout: 'teal.5',
  server_busy: 'grape.5',
  name_not_resolved: 'yellow.6',
  certificate_expired: 'red.6',
  connection_reset: 'cyan.3',
  no_route: 'lime.7',
  server_error: 'violet.8',
  database_unavailable: 'pink.3',
  terminal_suspended: 'red.9',
  till_restarted: 'lime.4',
  clock_wrong: 'yellow.3',
  tls_untrusted: 'indigo.3',
  tls_certificate_dates: 'indigo.8',
  tls_failed: 'cyan.8',
  circuit_open: 'gray.7',
  internal_error: 'pink.7',
  outcome_unknown: 'violet.3',
  answer_unreadable: 'grape.2',
  receipt_invalid: 'grape.8',
  row_refused: 'pink.9',
  certificate_missing: 'red.3',
  certificate_untrusted: 'orange.3',
  certificate_not_yet_valid: 'orange.7',
  certificate_expired_long_ago: 'red.7',
  certificate_revoked: 'orange.9',
  certificate_not_enrolled: 'yellow.8',
  terminal_unknown: 'pink.5',
  terminal_revoked: 'red.4',
  signature_invalid: 'green.9',
  signer_unknown: 'green.4',
  terminal_filed_differently: 'lime.2',
  schema_violation: 'blue.9',
  line_arithmetic: 'blue.3',
  tax_arithmetic: 'teal.8',
  total_arithmetic: 'teal.3',
  payment_arithmetic: 'cyan.5',
  identity_conflict: 'violet.5',
  wrong_terminal: 'lime.9',
  wrong_taxpayer: 'green.7',
  wrong_premises: 'green.2',
  reference_missing: 'blue.5',
  unknown: 'gray.8',
};

/** Causes that hardly ever fail an attempt at a till share this one, and are told apart by their words. */
const RARE = 'dark.2';
export const OTHERS_COLOR = 'gray.5';

/** @param cause of the catalogue, or one that a newer server knows */
export function causeColor(cause: string): string {
  return COLORS[cause as FailureCause] ?? RARE;
}
