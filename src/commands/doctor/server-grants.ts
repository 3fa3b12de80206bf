import type { Grants } from './read-grants.js';

/**
 * Exactly what the server needs, as the migrations grant it to tax_control_server; test/doctor.spec.ts holds the two
 * together. A new migration that grants something says it here too.
 */
export const SERVER_GRANTS: Grants = {
  'adopt_restored_rows()': 'EXECUTE',
  applied_migration: 'SELECT',
  attempt_count:
    'INSERT SELECT UPDATE(answer_counts,answer_ms_max,attempts,connect_counts,connect_ms_max,tls_counts,tls_ms_max,total_counts,total_ms_max)',
  audit_trail: 'INSERT(action,facts,official_name,reason,remote_address,request_id,subject) SELECT',
  'collect_waiting_invoices()': 'EXECUTE',
  code_dispute: 'INSERT SELECT',
  content: 'INSERT SELECT',
  contradicting_receipt: 'SELECT',
  counted_attempt: 'SELECT',
  database_identity: 'INSERT SELECT',
  database_recovery: 'SELECT UPDATE(statistics_rebuilt_at)',
  'ensure_content_partition()': 'EXECUTE',
  failure_interval: 'DELETE INSERT SELECT',
  fetched_parameters: 'INSERT SELECT UPDATE(fetched_at,version)',
  'forget_checked_journals()': 'EXECUTE',
  'forget_incident_tables()': 'EXECUTE',
  'forget_invoice_statistics()': 'EXECUTE',
  forgetting_jump: 'SELECT',
  handed_invoice:
    'INSERT(counter,digest,handed_id,has_receipt,invoice,invoice_id,journal_id,line,previous_digest,receipt) SELECT ' +
    'UPDATE(code,ended_at,invoice,problem,receipt,result,warnings)',
  handed_journal:
    'INSERT(certificates,digest,handed_by,invoices,is_check,reason,signers,terminal_id) SELECT ' +
    'UPDATE(due_at,ended_at,findings,findings_count,passes,refused_because,state,worker,worker_until)',
  handed_upload_part: 'DELETE INSERT SELECT',
  installation: 'INSERT SELECT',
  invitation: 'INSERT SELECT UPDATE(expires_at,key_digest,last_wrong_try_at,thumbprint,used_at,wrong_tries)',
  invoice_figure: 'SELECT',
  invoice_statistics: 'INSERT SELECT UPDATE',
  invoice_statistics_mark: 'SELECT UPDATE',
  invoice_warning: 'INSERT SELECT',
  journal_fault: 'INSERT SELECT',
  journal_mark: 'SELECT UPDATE',
  journal_summary: 'INSERT SELECT UPDATE',
  'keep_numbers_above_floor()': 'EXECUTE',
  known_receipt:
    'INSERT(code,counter,currency,digest,invoice_id,issued_at,journal_id,kind,known_by,number,premises_id,reason,receipt,registered_at,' +
    'sequence,taken_by,taxpayer_id,terminal_id,total,type) SELECT',
  ledger: 'INSERT SELECT',
  ledger_original: 'INSERT SELECT',
  ledger_tax: 'INSERT SELECT',
  legal_hold: 'SELECT',
  'move_numbers_on()': 'EXECUTE',
  official:
    'INSERT(full_name,name,password_expires_at,password_hash,roles,view_kind,view_members) SELECT ' +
    'UPDATE(disabled_at,full_name,last_sign_in_at,password_changed_at,password_expires_at,password_hash,roles,view_kind,view_members)',
  official_session: 'DELETE INSERT SELECT UPDATE(last_seen_at)',
  open_dispute: 'SELECT',
  parameters_version: 'INSERT SELECT',
  planned_outage: 'INSERT SELECT UPDATE(withdrawn_at,withdrawn_by)',
  premises: 'INSERT SELECT UPDATE(activity,address,name,region)',
  present_identity: 'SELECT',
  rate_limit: 'DELETE INSERT SELECT UPDATE',
  'rebuild_attempt_counts()': 'EXECUTE',
  receipt_alone: 'SELECT',
  receipt_look_up: 'INSERT SELECT',
  receipt_report: 'INSERT SELECT',
  receipt_report_mark: 'INSERT SELECT',
  refusal_figure: 'SELECT',
  refused_authentication: 'INSERT SELECT UPDATE(attempts)',
  refused_invoice: 'INSERT SELECT',
  removed_content: 'SELECT',
  seasonal_closing: 'INSERT SELECT UPDATE(withdrawn_at,withdrawn_by)',
  server_event: 'INSERT SELECT',
  settled_dispute: 'INSERT(code,code_on_file,reason,settled_by,stands) SELECT',
  sign_in_delay: 'DELETE INSERT SELECT UPDATE',
  signal_mark: 'INSERT(mark,marked_by,note,signal_id) SELECT',
  tax_control_number: 'SELECT USAGE',
  tax_control_number_test: 'SELECT USAGE',
  tax_rate: 'DELETE INSERT SELECT UPDATE(valid_until)',
  taxpayer: 'INSERT SELECT UPDATE(name)',
  terminal: 'INSERT SELECT UPDATE(status,status_changed_at,status_reason)',
  terminal_activity: 'INSERT SELECT UPDATE',
  terminal_certificate: 'INSERT SELECT UPDATE(revocation_reason,revoked_at)',
  terminal_closing: 'INSERT SELECT UPDATE',
  terminal_excuse: 'INSERT(excused_by,next_number,reason,terminal_id) SELECT',
  terminal_holdings: 'INSERT SELECT UPDATE',
  terminal_month: 'INSERT SELECT UPDATE',
  terminal_sign: 'INSERT SELECT UPDATE',
  transaction_log_entry: 'INSERT SELECT',
  unread_attempts: 'DELETE INSERT SELECT',
  waiting_invoice: 'DELETE INSERT SELECT UPDATE',
};

/** What is written once and for ever: a server that could change it could hide a sale, or give a number twice. */
export const WRITTEN_FOR_EVER: ReadonlySet<string> = new Set([
  'audit_trail',
  'content',
  'invoice_warning',
  'known_receipt',
  'ledger',
  'refused_invoice',
  'settled_dispute',
  'tax_control_number',
  'tax_control_number_test',
  'transaction_log_entry',
]);
