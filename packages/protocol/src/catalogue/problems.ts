import type { Retry } from './retry.js';

interface ProblemEntry {
  /** For ever: a number is never given to another problem. */
  readonly number: number;
  readonly retry: Retry;
  /** HTTP status of a request that fails as a whole with it (RFC 9110). */
  readonly status: number;
  /** One sentence: what is wrong. */
  readonly title: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
}

/**
 * Every problem that the server or the billing interface can name, in order of precedence: when two apply,
 * the first one is told. Append-only within a group; `number` and key are stable, sentences are not (RFC 9457).
 */
// prettier-ignore
export const PROBLEMS = {
  // the connection and the request
  server_busy: { number: 1, retry: 'later', status: 503, title: 'The server has more to do than it can take.', remedy: 'Keep the invoice and send it again after the time in Retry-After.' },
  outcome_unknown: { number: 2, retry: 'same', status: 503, title: 'The server does not know whether the invoice was stored.', remedy: 'Send the same bytes again; the answer will be the same receipt.' },
  database_unavailable: { number: 3, retry: 'later', status: 503, title: 'The server cannot reach its database.', remedy: 'Keep the invoice and send it again later.' },
  internal_error: { number: 4, retry: 'later', status: 500, title: 'The server failed unexpectedly.', remedy: 'Keep the invoice, send it again later, and tell the operator the request id.' },
  not_found: { number: 5, retry: 'never', status: 404, title: 'There is nothing at this address.', remedy: 'Compare the address with the documentation under /docs.' },
  method_not_allowed: { number: 6, retry: 'never', status: 405, title: 'This address does not know this method.', remedy: 'Compare the method with the documentation under /docs.' },
  request_too_large: { number: 7, retry: 'never', status: 413, title: 'The request is larger than allowed.', remedy: 'Send fewer invoices at once, or a smaller one.' },
  media_type_not_supported: { number: 8, retry: 'never', status: 415, title: 'The body is of a type that this address does not take.', remedy: 'Send the content type named in the documentation.' },
  request_timeout: { number: 9, retry: 'same', status: 408, title: 'The request did not arrive in time.', remedy: 'Send it again on a line that is fast enough.' },
  malformed_request: { number: 10, retry: 'never', status: 400, title: 'The request body cannot be read.', remedy: 'Send JSON of the documented shape.' },
  invalid_request: { number: 11, retry: 'never', status: 400, title: 'The request does not have the documented shape.', remedy: 'Mend the members named in `errors`.' },
  too_many_requests: { number: 12, retry: 'later', status: 429, title: 'Too many requests came from here.', remedy: 'Wait for the time in Retry-After.' },
  server_behind: { number: 13, retry: 'later', status: 503, title: 'The server’s database is older than the receipts of this terminal.', remedy: 'Present what it has forgotten (POST /v1/holdings, POST /v1/restorations), then send the invoice again.' },
  // who is calling
  certificate_missing: { number: 20, retry: 'later', status: 401, title: 'No client certificate was presented.', remedy: 'Connect with the certificate of the terminal, or enrol first.' },
  certificate_untrusted: { number: 21, retry: 'later', status: 401, title: 'The client certificate was not issued by this server’s authority.', remedy: 'Enrol the terminal with an invitation of this server.' },
  certificate_not_yet_valid: { number: 22, retry: 'later', status: 401, title: 'The client certificate is not valid yet.', remedy: 'Check the clocks of till and server.' },
  certificate_expired: { number: 23, retry: 'later', status: 401, title: 'The client certificate has expired.', remedy: 'Renew it (simplereenroll), or enrol with a new invitation. Waiting invoices may still be reissued.' },
  terminal_unknown: { number: 24, retry: 'later', status: 401, title: 'The certificate belongs to no registered terminal.', remedy: 'Ask the operator to register the terminal, and enrol again.' },
  certificate_revoked: { number: 25, retry: 'later', status: 403, title: 'The certificate was revoked.', remedy: 'Enrol with a new invitation, or hand the exported journal (tax-terminal export) to the operator.' },
  terminal_revoked: { number: 26, retry: 'later', status: 403, title: 'The terminal was revoked.', remedy: 'Hand the exported journal (tax-terminal export) to the operator; this terminal sells no more.' },
  terminal_suspended: { number: 27, retry: 'later', status: 403, title: 'The terminal is suspended.', remedy: 'Ask the tax office why. Waiting invoices may still be reissued and logs uploaded.' },
  certificate_expired_long_ago: { number: 28, retry: 'later', status: 401, title: 'The client certificate expired longer ago than the server accepts.', remedy: 'Enrol with a new invitation of the operator. Waiting invoices stay and are reissued afterwards.' },
  enrolment_secret_wrong: { number: 30, retry: 'never', status: 401, title: 'The invitation’s secret is wrong.', remedy: 'Copy the whole invitation again, or ask the operator for a new one.' },
  enrolment_secret_used: { number: 31, retry: 'never', status: 403, title: 'The invitation was used with another key.', remedy: 'Ask the operator for a new invitation.' },
  enrolment_secret_expired: { number: 32, retry: 'never', status: 403, title: 'The invitation has expired.', remedy: 'Ask the operator for a new invitation.' },
  enrolment_locked: { number: 33, retry: 'never', status: 403, title: 'The invitation is locked after too many wrong tries.', remedy: 'Ask the operator for a new invitation.' },
  csr_malformed: { number: 34, retry: 'never', status: 400, title: 'The certificate signing request cannot be read or its signature is wrong.', remedy: 'Send PKCS #10 in base64 (RFC 7030, 4.2.1).' },
  csr_key_not_allowed: { number: 35, retry: 'never', status: 400, title: 'The key of the certificate signing request is not allowed.', remedy: 'Make an elliptic curve key on P-256.' },
  csr_name_mismatch: { number: 36, retry: 'never', status: 400, title: 'The certificate signing request names another terminal.', remedy: 'Leave the subject empty or name the terminal of the invitation.' },
  shown_certificate_refused: { number: 37, retry: 'never', status: 422, title: 'The certificate shown was not issued by this server’s authority to this terminal.', remedy: 'Show certificates that this terminal was given, as they were given.' },
  // the batch
  batch_empty: { number: 40, retry: 'never', status: 400, title: 'The list of invoices is empty.', remedy: 'Send at least one invoice.' },
  over_threshold: { number: 41, retry: 'never', status: 400, title: 'The list has more invoices than the threshold allows.', remedy: 'Send at most the number named in `allowed`.' },
  // the signed bytes
  invoice_too_large: { number: 50, retry: 'never', status: 422, title: 'The invoice is larger than allowed.', remedy: 'Split the sale into several invoices.' },
  jws_malformed: { number: 51, retry: 'never', status: 422, title: 'The invoice is not a compact JWS in strict base64url.', remedy: 'Send header.payload.signature (RFC 7515, 7.1) without padding.' },
  jws_header_not_allowed: { number: 52, retry: 'never', status: 422, title: 'The header of the JWS is not the one agreed.', remedy: 'Send exactly alg ES256, typ invoice+jws and x5t#S256.' },
  signer_unknown: { number: 53, retry: 'later', status: 409, title: 'The server does not know the signing certificate.', remedy: 'Show the certificate again, as our tills do by themselves, then send the invoice again; tell the operator if it persists.' },
  signature_invalid: { number: 54, retry: 'never', status: 422, title: 'The signature does not fit the invoice.', remedy: 'Sign the exact bytes that are sent.' },
  payload_not_json: { number: 55, retry: 'never', status: 422, title: 'The signed payload is not JSON in UTF-8.', remedy: 'Sign a JSON object of at most 32 levels.' },
  payload_duplicate_key: { number: 56, retry: 'never', status: 422, title: 'An object in the payload names a member twice.', remedy: 'Name each member once.' },
  payload_number_not_integer: { number: 57, retry: 'never', status: 422, title: 'A number in the payload is not written as a plain integer.', remedy: 'Write integers of the smallest unit; quantities and rates as strings.' },
  amount_unsafe: { number: 58, retry: 'never', status: 422, title: 'An amount or a sum of amounts is beyond ±(2^53 − 1).', remedy: 'Check the amounts; they are in the smallest unit of the currency.' },
  text_not_allowed: { number: 59, retry: 'never', status: 422, title: 'A text contains a control character or half a surrogate pair.', remedy: 'Send printable Unicode text.' },
  too_many_lines: { number: 60, retry: 'never', status: 422, title: 'The invoice has more lines than allowed.', remedy: 'Split the sale into several invoices.' },
  schema_violation: { number: 61, retry: 'never', status: 422, title: 'The invoice does not have the agreed shape.', remedy: 'Compare the members named in `errors` with /schemas/invoice-1.json.' },
  // what it says of itself
  wrong_terminal: { number: 70, retry: 'never', status: 422, title: 'The invoice names another terminal than the one that signed or sent it.', remedy: 'Name the terminal of the certificate.' },
  wrong_taxpayer: { number: 71, retry: 'never', status: 422, title: 'The invoice names another taxpayer than the terminal’s.', remedy: 'Name the taxpayer for whom the terminal is registered.' },
  wrong_premises: { number: 72, retry: 'never', status: 422, title: 'The invoice names other premises than the terminal’s.', remedy: 'Name the premises for which the terminal is registered.' },
  reference_missing: { number: 73, retry: 'never', status: 422, title: 'A refund or void does not say what it takes back.', remedy: 'Name the original, or the reason why none can be named; of several originals, each line names its own.' },
  line_arithmetic: { number: 74, retry: 'never', status: 422, title: 'A line’s amount is not quantity × unit price less discount.', remedy: 'Recompute the line; one unit of rounding is allowed.' },
  tax_arithmetic: { number: 75, retry: 'never', status: 422, title: 'The taxes do not fit the lines.', remedy: 'Recompute base and amount of each category, rate and levy.' },
  total_arithmetic: { number: 76, retry: 'never', status: 422, title: 'The total is not the sum of lines, taxes and rounding.', remedy: 'Recompute the total.' },
  payment_arithmetic: { number: 77, retry: 'never', status: 422, title: 'The payments do not add up to the total.', remedy: 'Count change as a negative payment.' },
  identity_conflict: { number: 78, retry: 'never', status: 409, title: 'The invoice’s identity was used before with other content.', remedy: 'Give every invoice an id of its own; never change one that was signed.' },
  refund_sign_wrong: { number: 79, retry: 'never', status: 422, title: 'A refund or void has the sign of what it takes back.', remedy: 'Money that goes back to the customer is negative: turn the sign of the quantities, or sell again with kind sale.' },
  // what the database said of one row
  row_refused: { number: 80, retry: 'later', status: 503, title: 'The database did not take this invoice.', remedy: 'Keep it and send it again later; tell the operator if it persists.' },
  too_many_refusals: { number: 81, retry: 'later', status: 429, title: 'Too many invoices of this terminal were refused today.', remedy: 'Correct the till’s software. Keep the invoice and send it again after the time in Retry-After.' },
  terminal_filed_differently: { number: 82, retry: 'later', status: 409, title: 'The server has this terminal on file for another taxpayer or other premises than its certificate names.', remedy: 'Keep the invoice and tell the operator, who compares the registry with the certificate.' },
  // lookup and logs
  invoice_unknown: { number: 90, retry: 'later', status: 404, title: 'No such invoice is on file for this terminal.', remedy: 'Send the invoice.' },
  too_many_entries: { number: 91, retry: 'never', status: 400, title: 'The upload has more entries than allowed.', remedy: 'Send at most the number named in `allowed`.' },
  entry_invalid: { number: 92, retry: 'never', status: 400, title: 'A log entry does not have the agreed shape.', remedy: 'Mend the members named in `errors`.' },
  parameters_missing: { number: 93, retry: 'later', status: 503, title: 'No parameters were published yet.', remedy: 'The operator publishes them with `tax-control parameters set`.' },
  // receipts that are taken back (100–109)
  receipt_not_genuine: { number: 100, retry: 'never', status: 422, title: 'The receipt was not given by this server, or was changed since.', remedy: 'Present receipts byte for byte, to the server that gave them.' },
  receipt_of_other_environment: { number: 101, retry: 'never', status: 422, title: 'The receipt is of the other environment.', remedy: 'Present receipts of the test environment to its server, and real ones to the real one.' },
  receipt_of_other_invoice: { number: 102, retry: 'never', status: 422, title: 'The receipt is not of this invoice.', remedy: 'Present each invoice with the receipt that was given for it.' },
  code_in_dispute: { number: 103, retry: 'never', status: 409, title: 'The invoice has another code on file, or its number belongs to another invoice there.', remedy: 'Both are kept, and nothing on file was changed. Tell the operator.' },
  receipt_of_unknown_terminal: { number: 104, retry: 'never', status: 409, title: 'The terminal of the receipt is not registered, or not within your view.', remedy: 'Register taxpayer, premises and terminal first, then hand the receipt in again.' },
  receipt_not_forgotten: { number: 105, retry: 'never', status: 409, title: 'The number of the receipt was not jumped over, so no restore can have forgotten it.', remedy: 'A genuine receipt with this number shows that the database is an older copy: `tax-control database recovered --above CODE` moves the numbers on; then hand the receipt in again.' },
  print_does_not_fit: { number: 106, retry: 'never', status: 422, title: 'The code is not of what is printed beside it.', remedy: 'Compare each field with the paper. If they are right, the receipt is not genuine.' },
  terminal_not_waited_for: { number: 107, retry: 'never', status: 409, title: 'Nobody waits for this terminal.', remedy: 'There is nothing to excuse: nothing was restored, or it was enrolled later, is revoked, or has said that all it holds is on file.' },
  // officials at the console (200–219)
  sign_in_required: { number: 200, retry: 'never', status: 401, title: 'Nobody is signed in.', remedy: 'Sign in; a session ends by itself after a while.' },
  sign_in_refused: { number: 201, retry: 'never', status: 401, title: 'The name or the password is wrong.', remedy: 'Type both again, or ask an administrator for a new password.' },
  sign_in_delayed: { number: 202, retry: 'later', status: 429, title: 'Too many tries to sign in failed.', remedy: 'Wait for the time in Retry-After, then try again.' },
  temporary_password_expired: { number: 203, retry: 'never', status: 401, title: 'The temporary password is no longer valid.', remedy: 'Ask an administrator for a new one.' },
  password_change_required: { number: 204, retry: 'never', status: 403, title: 'The password is a temporary one.', remedy: 'Set a password of your own first.' },
  csrf_refused: { number: 205, retry: 'never', status: 403, title: 'The request does not come from a page of this console.', remedy: 'Reload the page; programs send the headers origin and csrf-token.' },
  role_missing: { number: 206, retry: 'never', status: 403, title: 'The account does not have the role that this needs.', remedy: 'Ask an administrator for the role.' },
  view_too_narrow: { number: 207, retry: 'never', status: 403, title: 'This concerns more than the account may see.', remedy: 'Ask somebody who sees the whole country.' },
  password_wrong: { number: 208, retry: 'never', status: 403, title: 'The present password is wrong.', remedy: 'Type the present password again.' },
  password_not_allowed: { number: 209, retry: 'never', status: 422, title: 'The new password is too easy to guess.', remedy: 'Choose another one; `errors` says what is wrong with it.' },
  official_exists: { number: 210, retry: 'never', status: 409, title: 'There is an account with this name.', remedy: 'Choose another name; disabled accounts keep theirs.' },
  official_unknown: { number: 211, retry: 'never', status: 404, title: 'There is no account with this name.', remedy: 'Look the name up in the list of officials.' },
  official_is_self: { number: 212, retry: 'never', status: 409, title: 'Nobody changes the rights of the own account.', remedy: 'Ask another administrator.' },
  view_not_allowed: { number: 213, retry: 'never', status: 422, title: 'The view does not fit the roles, or names what is not registered.', remedy: 'Mend the members named in `errors`.' },
  session_unknown: { number: 214, retry: 'never', status: 404, title: 'There is no such session.', remedy: 'Look at the list of sessions; it may have ended.' },
  // the officials' console: what is asked of it (220–239)
  zone_unknown: { number: 220, retry: 'never', status: 400, title: 'The time zone is not known.', remedy: 'Name a zone of the IANA database, like Europe/Berlin or UTC.' },
  period_backwards: { number: 221, retry: 'never', status: 400, title: 'The period ends before it begins, or is empty.', remedy: 'Name a `from` that lies before `to`.' },
  period_too_long: { number: 222, retry: 'never', status: 400, title: 'The period is longer than ten years.', remedy: 'Ask for a shorter period.' },
  too_many_steps: { number: 223, retry: 'never', status: 400, title: 'The period has more steps than a chart can show.', remedy: 'Ask for longer steps, or for a shorter period.' },
  page_out_of_reach: { number: 224, retry: 'never', status: 400, title: 'The page lies further than paging goes.', remedy: 'Narrow the filter or the period, or export the table as CSV.' },
  search_empty: { number: 225, retry: 'never', status: 400, title: 'The search names neither an invoice nor a time.', remedy: 'Name a code or an id, or the time of sale by `from` and `to` and, beside it, a number, an amount or a shop.' },
  not_on_file: { number: 226, retry: 'never', status: 404, title: 'Nothing like that is on file, or not within your view.', remedy: 'Check the id; ask an administrator if it should be within your view.' },
  evidence_too_large: { number: 227, retry: 'never', status: 400, title: 'The period has more invoices than one evidence file takes.', remedy: 'Ask for a shorter period; several files of consecutive periods leave nothing out.' },
  exists_already: { number: 228, retry: 'never', status: 409, title: 'There is one with this id already.', remedy: 'Choose another id, or change the one that is there.' },
  status_change_not_allowed: { number: 229, retry: 'never', status: 409, title: 'The terminal cannot go from its status to that one.', remedy: 'A revoked terminal stays revoked; register another one.' },
  premises_unknown: { number: 230, retry: 'never', status: 409, title: 'There are no such premises.', remedy: 'Add the premises first.' },
  taxpayer_unknown: { number: 231, retry: 'never', status: 409, title: 'There is no such taxpayer.', remedy: 'Add the taxpayer first.' },
  rate_in_the_way: { number: 232, retry: 'never', status: 409, title: 'Another rate of the category holds on some of these days.', remedy: 'Choose days on which no other rate with an end holds.' },
  rate_in_force: { number: 233, retry: 'never', status: 409, title: 'The rate may have been applied already, so it stays.', remedy: 'Add a rate that begins later.' },
  table_unknown: { number: 234, retry: 'never', status: 400, title: 'This report has no such table.', remedy: 'Name one of the tables that the documentation lists.' },
  export_running: { number: 235, retry: 'later', status: 409, title: 'An export of this account is still being written.', remedy: 'Wait until it has been read or cancel it, then ask again.' },
  evidence_without_memory: { number: 236, retry: 'never', status: 503, title: 'This server has too little memory to write evidence files.', remedy: 'Ask its operator to give it more memory; `tax-control doctor` says how much.' },
  journal_not_an_export: { number: 237, retry: 'never', status: 400, title: 'The file is no exported journal of a till.', remedy: 'Hand in the file that `tax-terminal export` wrote.' },
  journal_not_whole: { number: 238, retry: 'never', status: 409, title: 'The file is not as it was exported: it is cut, or lines in it were changed.', remedy: 'Copy or export it again; if there is no better copy, hand in what there is of it.' },
  journal_of_unknown_terminal: { number: 239, retry: 'never', status: 409, title: 'The terminal of the journal is not registered, or not within your view.', remedy: 'Register taxpayer, premises and terminal first, as its certificate names them.' },
  // what anybody asks
  code_mistyped: { number: 240, retry: 'never', status: 400, title: 'The tax control code is not written right.', remedy: 'Compare its 20 digits with the receipt.' },
} as const satisfies Record<string, ProblemEntry>;

export type ProblemCode = keyof typeof PROBLEMS;

/** Where in a document something is wrong: a JSON Pointer (RFC 6901) and a sentence. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/**
 * A problem as it goes over the wire (RFC 9457). Programs switch on `code`; `detail` is for people.
 * @property retryAfterMs milliseconds to wait, where the server knows a time
 * @property allowed the number that would have been accepted, for limits
 */
export interface Problem {
  readonly type: string;
  readonly code: ProblemCode;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly retry: Retry;
  readonly retryAfterMs?: number;
  readonly allowed?: number;
  readonly errors?: readonly Fault[];
  readonly requestId?: string;
}

/** Extra facts of a problem beside its code. */
export type ProblemFacts = Partial<Pick<Problem, 'detail' | 'retryAfterMs' | 'allowed' | 'errors' | 'requestId'>>;

const PROBLEM_TYPE = 'urn:tax-control:problem:';

/** Builds the problem of a code; without a detail of its own it says the catalogue's remedy. */
export function problem(code: ProblemCode, facts: ProblemFacts = {}): Problem {
  const { title, status, retry, remedy } = PROBLEMS[code];
  return { type: `${PROBLEM_TYPE}${code}`, code, title, status, retry, detail: remedy, ...facts };
}

/** Whether a value is a problem of the catalogue. */
export function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    value.type.startsWith(PROBLEM_TYPE)
  );
}

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEMS, text);
}
