import type { FastifyRequest } from 'fastify';
import { problem, type Problem } from '@tax-control/protocol';
import { Gate } from '../gate.js';
import { LONG_BODY_BYTES_MIN } from './body-budget.js';
import { holdWhile, reservationOf } from './follow-requests.js';

/** The budget admits fewer of them. */
const WAITING_MAX = 64;
/** One in work and the next of the same terminal. */
const OF_TERMINAL_MAX = 2;
/** A till waits half a minute for the late door; an answer that comes much later reaches nobody. */
const WAIT_MS_MAX = 10_000;
const BUSY_RETRY_AFTER_MS = 5_000;

/** Lets long bodies be worked on one at a time, their terminals in turn, from parsing to the end of the work. */
export class LongBodies {
  readonly #gate = new Gate(
    { insideMax: 1, waitingMax: WAITING_MAX, holderMax: OF_TERMINAL_MAX, waitMsMax: WAIT_MS_MAX },
    LONG_BODY_BYTES_MIN,
  );

  /** Waits for the turn of a request, which ends with its reservation. @returns null: it is its turn */
  async turnOf(request: FastifyRequest, bytes: number): Promise<Problem | null> {
    const reservation = reservationOf(request.raw);
    // Only terminals send long bodies.
    if (reservation?.holder.who !== 'terminal') return null;
    const { terminalId } = reservation.holder;
    const leave = await holdWhile(request.raw, this.#gate.enter(terminalId, bytes));
    if (leave !== null) reservation.afterwards(leave);
    // Released already: its client has gone, and will send it again.
    const isTurn = leave !== null && !reservation.isReleased;
    return isTurn ? null : problem('server_busy', { retryAfterMs: BUSY_RETRY_AFTER_MS });
  }
}
