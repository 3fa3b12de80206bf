import { causeGroup, isFailureCause } from '@tax-control/protocol';

/**
 * A terminal could not get through: from its first failed attempt to the first one that the server answered. All times are
 * milliseconds since 1970, by the till's clock.
 * @property successBefore last attempt before it that was answered: the trouble began between that and `startedAt`. Null: none known
 * @property endedAt null while none was answered since
 * @property invoices different invoices that were kept waiting; one that was issued at the sale, but whose answer was lost, is none of them
 * @property quietMs longest time between two failures in which nothing was tried though the till did not hold the line to be down: what
 *   the line was like meanwhile, nobody knows
 * @property cause the most frequent one
 */
export interface FailureInterval {
  readonly terminalId: string;
  readonly successBefore: number | null;
  readonly startedAt: number;
  readonly lastFailureAt: number;
  readonly endedAt: number | null;
  readonly failures: number;
  readonly invoices: number;
  readonly quietMs: number;
  readonly cause: string;
}

/** Where a terminal stands. */
export interface Place {
  readonly terminalId: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly taxpayerId: string;
  readonly taxpayerName: string;
  readonly region: string;
}

/** Places by terminal. */
export type Places = ReadonlyMap<string, Place>;

/**
 * Which failures may have a common reason: a certificate is never the reason of a dead line. `till`: the till's own trouble
 * (restarted, clock wrong), which no other till shares.
 */
export type FailureClass = 'line' | 'authentication' | 'till';

/** A cause that this version does not know may be anything; most failures are of the line. */
export function failureClass(cause: string): FailureClass {
  if (!isFailureCause(cause) || cause === 'unknown') return 'line';
  const group = causeGroup(cause);
  if (group === 'authentication') return 'authentication';
  return group === 'till' ? 'till' : 'line';
}

const SERVER_CERTIFICATE_CAUSES: readonly string[] = ['tls_certificate_dates', 'tls_untrusted'];

/** Whether the failures speak of the server's certificate, not of a line. */
export function isServerCertificate(cause: string): boolean {
  return SERVER_CERTIFICATE_CAUSES.includes(cause);
}

/** Whether the failures speak of a certificate of the till; a suspended terminal is not admitted either, but by decision. */
export function isTerminalCertificate(cause: string): boolean {
  return cause.startsWith('certificate_') && failureClass(cause) === 'authentication';
}

/** Says only that something else failed before. */
const CONSEQUENCE = 'circuit_open';

/** The most frequent one that says what happened; of equals the first that came. */
export function mainCause(intervals: readonly Pick<FailureInterval, 'cause' | 'failures'>[]): string {
  const counts = new Map<string, number>();
  const telling = intervals.filter(({ cause }) => cause !== CONSEQUENCE);
  for (const { cause, failures } of telling.length > 0 ? telling : intervals)
    counts.set(cause, (counts.get(cause) ?? 0) + failures);
  let main = 'unknown';
  let most = 0;
  for (const [cause, count] of counts) if (count > most) [main, most] = [cause, count];
  return main;
}
