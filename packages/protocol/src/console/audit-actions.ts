/**
 * What the audit trail records. Append-only: entries with an action stay for ever. Whoever adds a route that looks at a single
 * shop, exports or changes something adds its action here.
 */
export const AUDIT_ACTIONS = [
  // signing in
  'sign_in',
  'sign_in_refused',
  'sign_out',
  'session_ended',
  'password_changed',
  // accounts
  'official_added',
  'official_changed',
  'official_disabled',
  'official_enabled',
  'official_reset',
  'official_sessions_ended',
  'audit_trail_read',
  // looking and exporting
  'invoice_looked_up',
  'terminal_looked_up',
  'evidence_exported',
  'table_exported',
  // administration
  'taxpayer_added',
  'taxpayer_changed',
  'premises_added',
  'premises_changed',
  'terminal_registered',
  'terminal_invited',
  'terminal_suspended',
  'terminal_activated',
  'terminal_revoked',
  'certificate_revoked',
  'parameters_published',
  'tax_rate_added',
  'tax_rate_ended',
  'tax_rate_removed',
  // judging
  'outage_declared',
  'outage_withdrawn',
  'closing_declared',
  'closing_withdrawn',
  'signal_marked',
  'report_marked',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];
