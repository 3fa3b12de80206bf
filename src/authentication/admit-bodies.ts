import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Problem, problem } from '@tax-control/protocol';
import { type BodyBudget, type BodyHolder, SHORT_BODY_BYTES_MAX } from '../http/bodies/body-budget.js';
import { followRequest, reservationOf } from '../http/bodies/follow-requests.js';
import { countBytes } from '../http/bodies/count-bytes.js';
import type { Listeners } from '../http/listeners.js';
import { RequestRefused } from '../http/request-refused.js';
import type { RouteFacts } from '../http/route-options.js';
import { addressKey } from '../rate-limits/address-key.js';
import type { RequestLimit } from './request-limit.js';
import type { TerminalAuthenticator } from './terminal-authenticator.js';

/** Room comes again as soon as others are answered. */
const BUSY_RETRY_AFTER_MS = 2_000;

const NOTHING_TOLERATED: ReadonlySet<string> = new Set();

interface Parts {
  readonly budget: BodyBudget;
  readonly listeners: Listeners;
  readonly authenticator: TerminalAuthenticator;
  readonly limit: RequestLimit;
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
    if (!announced.hasBody || !isShort(announced.length) || admitShort(parts, request, reply, announced.length)) done();
    else done(new RequestRefused(busy()));
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
    if (reservation === undefined || !announced.hasBody || announced.length !== null) return done(null, payload);
    const { owner } = reservation.holder;
    const admits = (bytes: number): boolean =>
      reservation.grow(bytes) && (owner === null || parts.limit.take(owner, bytes) === 0);
    done(
      null,
      countBytes(payload, admits, () => new RequestRefused(busy())),
    );
  });
}

/** Nothing is looked up for what a sale needs: a certificate of this authority is enough for so little. */
function admitShort(
  { budget, listeners, authenticator }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  length: number,
): boolean {
  const peer = listeners.nameOf(request.raw) === 'terminals' ? authenticator.peerOf(request.raw.socket) : null;
  const isInForce = peer !== null && peer.isTrusted && peer.notBeforeMs <= Date.now() && Date.now() <= peer.notAfterMs;
  // The certificate stands for its terminal: who has several shares nothing with anybody else.
  const holder = { owner: isInForce ? peer.thumbprint : null, address: addressKey(request.ip) };
  return reserve(budget, holder, length, request, reply);
}

/** @returns the problem to refuse with; null: admitted */
async function admitLonger(
  { budget, listeners, authenticator, limit }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  length: number | null,
): Promise<Problem | null> {
  const address = addressKey(request.ip);
  const {
    bodyBytesMax = SHORT_BODY_BYTES_MAX,
    tolerates = NOTHING_TOLERATED,
    admitsStrangers = false,
  } = request.routeOptions.config as RouteFacts;
  if (listeners.nameOf(request.raw) !== 'terminals') {
    if (length !== null && length > bodyBytesMax) return tooLarge(bodyBytesMax);
    return reserve(budget, { owner: null, address }, length ?? 0, request, reply) ? null : busy();
  }
  if (admitsStrangers) return strangersTooLarge();
  const { refusals, terminal } = await authenticator.authenticate(request.raw.socket);
  const refusal = refusals.find((one) => !tolerates.has(one));
  // What is wrong with the certificate is what a till must know: it keeps its invoice then, which a size would have it give up.
  if (refusal !== undefined) return problem(refusal);
  // Routes that only tell a caller what is wrong with its certificate.
  if (terminal === null) return strangersTooLarge();
  if (length !== null && length > bodyBytesMax) return tooLarge(bodyBytesMax);
  const waitMs = length === null ? 0 : limit.take(terminal.terminalId, length);
  if (waitMs > 0) return busy(Math.max(waitMs, BUSY_RETRY_AFTER_MS));
  return reserve(budget, { owner: terminal.terminalId, address }, length ?? 0, request, reply) ? null : busy();
}

function reserve(
  budget: BodyBudget,
  holder: BodyHolder,
  bytes: number,
  request: FastifyRequest,
  reply: FastifyReply,
): boolean {
  const reservation = budget.reserve(holder, bytes);
  if (reservation === null) return false;
  followRequest(reservation, request.raw, reply);
  return true;
}

function isShort(length: number | null): length is number {
  return length !== null && length <= SHORT_BODY_BYTES_MAX;
}

function announcedOf({ raw: { headers } }: FastifyRequest): Announced {
  if (headers['transfer-encoding'] !== undefined) return { hasBody: true, length: null };
  const length = Number(headers['content-length'] ?? 0);
  return length > 0 ? { hasBody: true, length } : { hasBody: false };
}

function busy(retryAfterMs = BUSY_RETRY_AFTER_MS): Problem {
  return problem('server_busy', { retryAfterMs });
}

function tooLarge(allowed: number): Problem {
  return problem('request_too_large', { detail: `The body may have at most ${allowed} bytes here.`, allowed });
}

function strangersTooLarge(): Problem {
  const detail = `Here a body must state its length and have at most ${SHORT_BODY_BYTES_MAX} bytes.`;
  return problem('request_too_large', { detail, allowed: SHORT_BODY_BYTES_MAX });
}
