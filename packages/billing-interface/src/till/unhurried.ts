import { LIMITS } from '@tax-control/protocol';
import type { LineRate } from '../sender/line-rate.js';
import type { SendBounds } from '../sender/line.js';
import type { TillParts } from './till-parts.js';

/** Milliseconds for connecting, and for an answer beside those that the bytes take: nobody waits for it. */
const CONNECT_MS = 5_000;
const ANSWER_MS = 20_000;
/** A body may need so many times what its bytes take by the rate of the line: sales go first. */
const PATIENCE = 2;
/** Milliseconds that one call should take: what goes wrong with it costs no more, and a till that stops has not long to wait. */
const CALL_MS = 2_000;
/** Bytes of a call whatever the line: below it the way to and fro counts more than the bytes. */
const CALL_BYTES_MIN = 16_384;
/** Milliseconds from which an invoice takes long: the others are not kept waiting by it. */
const LONG_MS = 10_000;
const MS_PER_SECOND = 1_000;

/** Bytes of one call that should be done within two seconds on this line; `max` where nothing is known to be in the way. */
export function bytesOfCall(rate: LineRate, max: number): number {
  const within = rate.known === null ? CALL_BYTES_MIN : (rate.known * CALL_MS) / MS_PER_SECOND;
  return Math.min(max, Math.max(CALL_BYTES_MIN, within));
}

/** Whether a body takes so long on this line that others should not wait for it. */
export function takesLong(rate: LineRate, bytes: number): boolean {
  return rate.mayTakeLonger(bytes, LONG_MS);
}

/** Bounds of a call that nobody waits for: by its bytes, and by what the line carries. It gives way to sales. */
export function unhurried(
  { clock, lane, rate }: Pick<TillParts, 'clock' | 'lane' | 'rate'>,
  bytes: number,
): SendBounds {
  const slowestMs = (bytes * MS_PER_SECOND) / LIMITS.slowestBytesPerSecond;
  const bytesMs = Math.min(slowestMs, PATIENCE * rate.msAtMost(bytes));
  const now = clock.monotonicMs();
  return {
    connectBy: now + CONNECT_MS,
    answerBy: now + CONNECT_MS + ANSWER_MS + bytesMs,
    giveWay: () => lane.giveWay(),
  };
}
