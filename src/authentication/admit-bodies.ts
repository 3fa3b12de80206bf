import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Problem, problem } from '@tax-control/protocol';
import { type BodyBudget, type BodyHolder, SHORT_BODY_BYTES_MAX } from '../http/bodies/body-budget.js';
import { followRequest, reservationOf } from '../http/bodies/follow-requests.js';
import { countBytes } from '../http/bodies/count-bytes.js';
import { giveTime } from '../http/bodies/slow-bodies.js';
import type { Listeners } from '../http/listeners.js';
import { RequestRefused } from '../http/request-refused.js';
import type { RouteFacts } from '../http/route-options.js';
import { addressKey } from '../configuration/address-key.js';
import { REQUEST_BYTES, type RequestLimit } from './request-limit.js';
import type { TerminalAuthenticator } from './terminal-authenticator.js';
import type { TurnedAway } from './turned-away.js';

/** Room comes again as soon as others are answered. */
const BUSY_RETRY_AFTER_MS = 2_000;

const NOTHING_TOLERATED: ReadonlySet<string> = new Set();

interface Parts {
  readonly budget: BodyBudget;
  readonly listeners: Listeners;
  readonly authenticator: TerminalAuthenticator;
  readonly limit: RequestLimit;
  readonly turnedAway: TurnedAway;
}

/** What a request announces of its body; `length` null: it is sent in chunks, and nobody knows. */
type Announced = { readonly hasBody: false } | { readonly hasBody: true; readonly length: number | null };

/**
 * Decides before a body is read whether there is room for it, and for whom: large ones are for terminals that the route admits, with
 * a certificate in force; all others are strangers. What the server has in flight is bounded for the process, for
 * each terminal and for each address (docs/decisions/0028).
 */
export function admitBodies(fastify: FastifyInstance, parts: Parts): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const announced = announcedOf(request);
    if (!announced.hasBody || !isShort(announced.length)) return done();
    const refusal = reserve(parts, holderAtHand(parts, request), announced.length, request, reply);
    if (refusal === null) done();
    else done(new RequestRefused(refusal));
  });
  fastify.addHook('onRequest', async (request, reply) => {
    const announced = announcedOf(request);
    if (!announced.hasBody || isShort(announced.length)) return;
    const refusal = await admitLonger(parts, request, reply, announced.length);
    if (refusal !== null) throw new RequestRefused(refusal);
  });
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const reservation = reservationOf(request.raw);
    const announced = announcedOf(request);
    if (reservation === undefined || !announced.hasBody) return done(null, payload);
    const { holder } = reservation;
    if (!growsAsItComes(holder, announced.length)) return done(null, payload);
    let uncounted = 0;
    const admits = (bytes: number): boolean => {
      if (!reservation.grow(bytes)) return false;
      if (holder.who !== 'terminal') return true;
      uncounted += bytes;
      if (uncounted < REQUEST_BYTES) return true;
      const whole = uncounted - (uncounted % REQUEST_BYTES);
      uncounted -= whole;
      return parts.limit.take(holder.terminalId, whole) === 0;
    };
    done(
      null,
      countBytes(payload, admits, () => new RequestRefused(busy(parts, request, holder))),
    );
  });
}

/**
 * Who announces little. Nothing is looked up for what a sale needs: a certificate of this authority is enough for so little, unless it is
 * known to be revoked.
 */
function holderAtHand({ listeners, authenticator }: Parts, request: FastifyRequest): BodyHolder {
  const address = addressKey(request.ip);
  if (listeners.nameOf(request.raw) !== 'terminals') return { who: 'visitor', address };
  const terminalId = authenticator.terminalAtHand(request.raw.socket);
  return terminalId === null ? { who: 'stranger', address } : { who: 'terminal', terminalId, address };
}

/** @returns the problem to refuse with; null: admitted */
async function admitLonger(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  length: number | null,
): Promise<Problem | null> {
  const { listeners, authenticator, limit, turnedAway } = parts;
  const address = addressKey(request.ip);
  const {
    bodyBytesMax = SHORT_BODY_BYTES_MAX,
    tolerates = NOTHING_TOLERATED,
    admitsStrangers = false,
  } = request.routeOptions.config as RouteFacts;
  if (listeners.nameOf(request.raw) !== 'terminals') {
    if (length !== null && length > bodyBytesMax) return tooLarge(bodyBytesMax);
    return reserve(parts, { who: 'visitor', address }, length, request, reply);
  }
  if (admitsStrangers) return strangersTooLarge();
  const caller = await authenticator.authenticate(request.raw.socket);
  const { refusals, terminal } = caller;
  const refusal = refusals.find((one) => !tolerates.has(one));
  // What is wrong with the certificate is what a till must know: it keeps its invoice then, which a size would have it give up.
  if (refusal !== undefined) {
    turnedAway.notAuthenticated(request, caller, refusal);
    return problem(refusal);
  }
  // Routes that only tell a caller what is wrong with its certificate.
  if (terminal === null) return strangersTooLarge();
  const { terminalId } = terminal;
  if (length !== null && length > bodyBytesMax) {
    turnedAway.tooLong(request, terminalId);
    return tooLarge(bodyBytesMax);
  }
  const holder: BodyHolder = { who: 'terminal', terminalId, address };
  const refused = reserve(parts, holder, length, request, reply);
  if (refused !== null) return refused;
  if (length !== null) giveTime(request.raw);
  const waitMs = length === null ? 0 : limit.take(terminalId, length);
  // What is reserved is given back with the answer.
  return waitMs === 0 ? null : busy(parts, request, holder, Math.max(waitMs, BUSY_RETRY_AFTER_MS));
}

/** @returns the problem to refuse with; null: there is room, and it is taken */
function reserve(
  parts: Parts,
  holder: BodyHolder,
  length: number | null,
  request: FastifyRequest,
  reply: FastifyReply,
): Problem | null {
  const reservation = parts.budget.reserve(holder, growsAsItComes(holder, length) ? 0 : length);
  if (reservation === null) return busy(parts, request, holder);
  followRequest(reservation, request.raw, reply);
  return null;
}

/** Whether room is taken as bytes come: there is no length, or it cannot be relied on, because strangers could hold all room by words. */
function growsAsItComes({ who }: BodyHolder, length: number | null): length is null {
  return length === null || who !== 'terminal';
}

function isShort(length: number | null): length is number {
  return length !== null && length <= SHORT_BODY_BYTES_MAX;
}

function announcedOf({ raw: { headers } }: FastifyRequest): Announced {
  if (headers['transfer-encoding'] !== undefined) return { hasBody: true, length: null };
  const length = Number(headers['content-length'] ?? 0);
  return length > 0 ? { hasBody: true, length } : { hasBody: false };
}

/** No room now; an attempt of a terminal is written down. */
function busy(
  { turnedAway }: Parts,
  request: FastifyRequest,
  holder: BodyHolder,
  retryAfterMs = BUSY_RETRY_AFTER_MS,
): Problem {
  if (holder.who === 'terminal') turnedAway.attempts(request, holder.terminalId, 'failed', 'server_busy');
  return problem('server_busy', { retryAfterMs });
}

function tooLarge(allowed: number): Problem {
  return problem('request_too_large', { detail: `The body may have at most ${allowed} bytes here.`, allowed });
}

function strangersTooLarge(): Problem {
  const detail = `Here a body must state its length and have at most ${SHORT_BODY_BYTES_MAX} bytes.`;
  return problem('request_too_large', { detail, allowed: SHORT_BODY_BYTES_MAX });
}
