/**
 * What the audit trail records, as thing and what was done with it. Append-only: entries with an action stay for ever. Whoever adds a route
 * that looks at a single shop, exports or changes something adds its action here.
 */
export const AUDIT_ACTIONS = [
  // signing in
  'session.begun',
  'session.refused',
  'session.ended',
  'password.changed',
  // accounts
  'official.added',
  'official.changed',
  'official.disabled',
  'official.enabled',
  'official.reset',
  'official.sessions_ended',
  'audit_trail.read',
  // looking and exporting
  'invoices.searched',
  'invoice.viewed',
  'terminal.viewed',
  'journal.viewed',
  'evidence.made',
  'csv.exported',
  // administration
  'taxpayer.added',
  'taxpayer.changed',
  'premises.added',
  'premises.changed',
  'terminal.registered',
  'terminal.invited',
  'terminal.status_changed',
  'certificate.revoked',
  'parameters.published',
  'tax_rate.added',
  'tax_rate.removed',
  'database.recovered',
  'certificate.issued',
  'certificate.shown_again',
  'journal.handed_in',
  'receipt.taken_in',
  'receipt.refused',
  'dispute.settled',
  'terminal.excused',
  // judging
  'planned_outage.declared',
  'planned_outage.withdrawn',
  'closing.declared',
  'closing.withdrawn',
  'signal.marked',
  'report.handled',
  // retention
  'content.removed',
  'audit_trail.cut',
  'hold.placed',
  'hold.released',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];
