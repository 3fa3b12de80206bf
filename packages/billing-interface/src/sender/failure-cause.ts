import { causeGroup, type FailureCause, type TillCause } from '@tax-control/protocol';

/** Where an exchange was when it failed. `answer` begins when the handshake is done; `body` when the answer began to come. */
export type Phase = 'connect' | 'tls' | 'answer' | 'body';

/**
 * Whose fault it is, which decides what is done next. `outage`: the line or the server is not to be had, stop and try
 * later; `authentication`: the server does not admit this till; `own`: something about what was sent or came back, which
 * the next outage's end will not mend.
 */
export type FailureClass = 'outage' | 'authentication' | 'own';

export interface Failure {
  readonly cause: FailureCause;
  readonly class: FailureClass;
  /** The operating system's or TLS library's own words, for the log. */
  readonly detail: string | null;
}

/** What also happens to a body that is too long for a slow line, or for one that breaks again and again. */
const PERHAPS_TOO_MUCH: ReadonlySet<FailureCause> = new Set<FailureCause>([
  'answer_timeout',
  'request_timeout',
  'connection_reset',
  'answer_unreadable',
]);

/** Whether fewer bytes might have got through: the connection was there, and broke or brought nothing. */
export function isPerhapsTooMuch(
  { cause, class: failureClass }: Failure,
  { answerMs }: { readonly answerMs: number | null },
): boolean {
  return failureClass === 'outage' && answerMs !== null && PERHAPS_TOO_MUCH.has(cause);
}

/** Codes that this package gives to errors of its own making, beside those of Node.js and OpenSSL. */
export const OWN_ERROR_CODES = {
  connectTimeout: 'TILL_CONNECT_TIMEOUT',
  answerTimeout: 'TILL_ANSWER_TIMEOUT',
  answerTooLarge: 'TILL_ANSWER_TOO_LARGE',
} as const;

/** Error codes of getaddrinfo, the sockets and OpenSSL's verification (openssl-verification-options), each with its cause. */
const CAUSE_OF_CODE: Readonly<Record<string, TillCause>> = {
  ENOTFOUND: 'name_not_resolved',
  EAI_AGAIN: 'name_not_resolved',
  EAI_FAIL: 'name_not_resolved',
  EAI_NODATA: 'name_not_resolved',
  // An address that is none: mistyped in the parameters, so the next one is tried.
  ERR_INVALID_URL: 'name_not_resolved',
  ERR_INVALID_PROTOCOL: 'name_not_resolved',
  EHOSTUNREACH: 'no_route',
  ENETUNREACH: 'no_route',
  ENETDOWN: 'no_route',
  EHOSTDOWN: 'no_route',
  EADDRNOTAVAIL: 'no_route',
  EACCES: 'no_route',
  EPERM: 'no_route',
  EINVAL: 'no_route',
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_reset',
  EPIPE: 'connection_reset',
  CERT_HAS_EXPIRED: 'tls_certificate_dates',
  CERT_NOT_YET_VALID: 'tls_certificate_dates',
  UNABLE_TO_GET_ISSUER_CERT: 'tls_untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls_untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls_untrusted',
  CERT_SIGNATURE_FAILURE: 'tls_untrusted',
  CERT_CHAIN_TOO_LONG: 'tls_untrusted',
  CERT_REVOKED: 'tls_untrusted',
  CERT_UNTRUSTED: 'tls_untrusted',
  CERT_REJECTED: 'tls_untrusted',
  INVALID_CA: 'tls_untrusted',
  INVALID_PURPOSE: 'tls_untrusted',
  PATH_LENGTH_EXCEEDED: 'tls_untrusted',
  HOSTNAME_MISMATCH: 'tls_untrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_untrusted',
  EPROTO: 'tls_failed',
  [OWN_ERROR_CODES.connectTimeout]: 'connect_timeout',
  [OWN_ERROR_CODES.answerTimeout]: 'answer_timeout',
  [OWN_ERROR_CODES.answerTooLarge]: 'answer_unreadable',
};

/** Beginnings of codes that come in families: OpenSSL's errors, and those of the HTTP parser. */
const CAUSE_OF_PREFIX: readonly (readonly [string, TillCause])[] = [
  ['ERR_SSL_', 'tls_failed'],
  ['ERR_TLS_', 'tls_failed'],
  ['HPE_', 'answer_unreadable'],
];

/** The cause of an error that a socket, the TLS library or the HTTP parser raised in a phase. */
export function failureOfError(error: unknown, phase: Phase): Failure {
  const code = codeOf(error);
  const cause = causeOfCode(code, phase);
  return { cause, class: classOfError(cause, code), detail: describe(error, code) };
}

/** The class of a cause that the server named, or that the till found in an answer it could read. */
export function classOfCause(cause: FailureCause): FailureClass {
  const group = causeGroup(cause);
  if (group === 'authentication') return 'authentication';
  if (group === 'network') return 'outage';
  return OUTAGES_OF_SERVER.has(cause) ? 'outage' : 'own';
}

/** What a server says when it is not itself; `internal_error` and `row_refused` may be about the one invoice. */
const OUTAGES_OF_SERVER: ReadonlySet<FailureCause> = new Set<FailureCause>([
  'server_error',
  'server_busy',
  'outcome_unknown',
  'database_unavailable',
  'request_timeout',
  'too_many_requests',
  'parameters_missing',
  'server_behind',
]);

function causeOfCode(code: string, phase: Phase): TillCause {
  const cause = CAUSE_OF_CODE[code] ?? CAUSE_OF_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1];
  if (code === 'ETIMEDOUT') return phase === 'connect' || phase === 'tls' ? 'connect_timeout' : 'answer_timeout';
  // An answer that began to come and was cut cannot be read, whatever cut it.
  if (phase === 'body' && cause === 'connection_reset') return 'answer_unreadable';
  return cause ?? (phase === 'tls' ? 'tls_failed' : 'unknown');
}

/** A cut answer is the line's fault; one that is too large or no HTTP is not. */
function classOfError(cause: TillCause, code: string): FailureClass {
  if (cause !== 'answer_unreadable') return classOfCause(cause);
  return CAUSE_OF_CODE[code] === 'connection_reset' ? 'outage' : 'own';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function describe(error: unknown, code: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return code === '' || message.includes(code) ? message : `${code}: ${message}`;
}
