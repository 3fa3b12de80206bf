import type { Retry } from './retry.js';
import { isProblemCode, PROBLEMS, type ProblemCode } from './problems.js';

export type CauseGroup = 'network' | 'server' | 'authentication' | 'refused' | 'till';

/** Causes that only the till can see, in order of precedence. Append-only; `number` is for ever. */
// prettier-ignore
export const TILL_CAUSES = {
  name_not_resolved: { number: 1001, group: 'network', retry: 'later', title: 'The server’s name could not be resolved.' },
  no_route: { number: 1002, group: 'network', retry: 'later', title: 'There is no route to the server.' },
  connection_refused: { number: 1003, group: 'network', retry: 'later', title: 'Nothing listens at the server’s address.' },
  connection_reset: { number: 1004, group: 'network', retry: 'same', title: 'The connection was cut.' },
  connect_timeout: { number: 1005, group: 'network', retry: 'later', title: 'The connection was not made in time.' },
  answer_timeout: { number: 1006, group: 'network', retry: 'same', title: 'No answer came in time.' },
  tls_untrusted: { number: 1007, group: 'network', retry: 'later', title: 'The server’s certificate is not of the pinned authority.' },
  tls_certificate_dates: { number: 1008, group: 'network', retry: 'later', title: 'The server’s certificate is not valid at this till’s time.' },
  tls_failed: { number: 1009, group: 'network', retry: 'later', title: 'The TLS handshake failed.' },
  answer_unreadable: { number: 1010, group: 'server', retry: 'same', title: 'The answer was cut, too large or not of the agreed shape.' },
  receipt_invalid: { number: 1011, group: 'server', retry: 'later', title: 'The receipt is not signed by the server or is of another invoice.' },
  server_error: { number: 1012, group: 'server', retry: 'later', title: 'The server answered with an error that names no cause.' },
  circuit_open: { number: 1013, group: 'network', retry: 'later', title: 'The line is known to be down; it was not tried.' },
  certificate_not_enrolled: { number: 1014, group: 'authentication', retry: 'later', title: 'The till has no certificate yet.' },
  till_restarted: { number: 1015, group: 'till', retry: 'same', title: 'The till stopped before the answer came.' },
  clock_wrong: { number: 1016, group: 'till', retry: 'later', title: 'The till’s clock is wrong.' },
  unknown: { number: 1017, group: 'till', retry: 'later', title: 'The cause is not known to this version.' },
} as const satisfies Record<string, { number: number; group: CauseGroup; retry: Retry; title: string }>;

export type TillCause = keyof typeof TILL_CAUSES;

/** Why an attempt failed: one catalogue for what the till saw and what the server said. */
export type FailureCause = TillCause | ProblemCode;

function isTillCause(text: string): text is TillCause {
  return Object.hasOwn(TILL_CAUSES, text);
}

export function isFailureCause(text: string): text is FailureCause {
  return isTillCause(text) || isProblemCode(text);
}

const FIRST_AUTHENTICATION_NUMBER = 20;
const FIRST_REFUSAL_NUMBER = 40;

/** The group under which statistics show a cause. */
export function causeGroup(cause: FailureCause): CauseGroup {
  if (isTillCause(cause)) return TILL_CAUSES[cause].group;
  const { number, retry } = PROBLEMS[cause];
  if (number >= FIRST_AUTHENTICATION_NUMBER && number < FIRST_REFUSAL_NUMBER) return 'authentication';
  return retry === 'never' ? 'refused' : 'server';
}

/** What the sender should do after a failure of this cause. */
export function causeRetry(cause: FailureCause): Retry {
  return isTillCause(cause) ? TILL_CAUSES[cause].retry : PROBLEMS[cause].retry;
}
