import { decodeUtf8, parseJsonWithUniqueNames } from '@tax-control/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FeedEvent } from '../api.js';
import { type AgentContext, tillOrProblem } from './context.js';
import { QueryReader } from './query.js';
import { sendProblem } from './replies.js';

/** Longest wait of one feed request: under the minute after which proxies and clients give up. */
export const FEED_WAIT_MAX_MS = 50_000;
/** Events of one answer: some 100 kB. */
export const FEED_EVENTS_MAX = 500;
const FEED_EVENTS_DEFAULT = 100;
/** Feed requests that wait for one terminal: one is needed; more are forgotten ones. */
const FEED_WAITERS_MAX = 16;
export const LOG_ENTRIES_MAX = 500;
const LOG_ENTRIES_DEFAULT = 100;

type TerminalRequest = FastifyRequest<{ Params: { terminalId: string } }>;

/** `/v1/terminals` and what concerns a terminal as a whole. */
export function terminalRoutes(app: FastifyInstance, context: AgentContext): void {
  const path = '/v1/terminals/:terminalId';
  const waiters = new Map<string, number>();
  app.get('/v1/terminals', () => ({ terminals: context.lanes.list() }));
  app.get(`${path}/status`, async (request: TerminalRequest, reply) => {
    const till = await tillOrProblem(context, request.params.terminalId, reply);
    return till === null ? reply : till.status();
  });
  app.post(`${path}/drain`, async (request: TerminalRequest, reply) => {
    const till = await tillOrProblem(context, request.params.terminalId, reply);
    if (till === null) return reply;
    // A long drain does not keep the agent from stopping: what was not sent stays in the journal.
    const report = await context.stopping.orElse(till.drain(), null);
    return report ?? sendProblem(reply, 'stopping');
  });
  app.get(`${path}/log`, (request: TerminalRequest, reply) => log(context, request, reply));
  app.post(`${path}/parameters`, (request: TerminalRequest, reply) => importParameters(context, request, reply));
  app.get(`${path}/feed`, (request: TerminalRequest, reply) => feed(context, waiters, request, reply));
}

async function log(context: AgentContext, request: TerminalRequest, reply: FastifyReply): Promise<unknown> {
  const query = new QueryReader(request.query);
  const limit = query.integer('limit', LOG_ENTRIES_DEFAULT, 1, LOG_ENTRIES_MAX);
  const errors = query.faults();
  if (errors.length > 0) return sendProblem(reply, 'invalid_request', { errors });
  const till = await tillOrProblem(context, request.params.terminalId, reply);
  return till === null ? reply : { entries: till.log(limit) };
}

async function importParameters(
  context: AgentContext,
  request: TerminalRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const jws = parametersOf(request.body);
  if (jws === null)
    return sendProblem(reply, 'malformed_request', { detail: 'Send {"parameters": "…"} with the signed document.' });
  const till = await tillOrProblem(context, request.params.terminalId, reply);
  if (till === null) return reply;
  const taken = till.importParameters(jws);
  return reply.code(taken.result === 'refused' ? 422 : 200).send(taken);
}

function parametersOf(body: unknown): string | null {
  const text = Buffer.isBuffer(body) ? decodeUtf8(body) : null;
  const value = text === null ? null : parseJsonWithUniqueNames(text)?.value;
  if (typeof value !== 'object' || value === null || !('parameters' in value)) return null;
  return typeof value.parameters === 'string' ? value.parameters : null;
}

async function feed(
  context: AgentContext,
  waiters: Map<string, number>,
  request: TerminalRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const query = new QueryReader(request.query);
  const cursor = query.integer('cursor', 0, 0, Number.MAX_SAFE_INTEGER);
  const waitMs = query.integer('waitMs', 0, 0, FEED_WAIT_MAX_MS);
  const limit = query.integer('limit', FEED_EVENTS_DEFAULT, 1, FEED_EVENTS_MAX);
  const errors = query.faults();
  if (errors.length > 0) return sendProblem(reply, 'invalid_request', { errors });
  const { terminalId } = request.params;
  const till = await tillOrProblem(context, terminalId, reply);
  if (till === null) return reply;
  const at = till.feed(cursor, limit);
  if (at.length > 0 || waitMs === 0) return feedAnswer(at, cursor);
  const waiting = waiters.get(terminalId) ?? 0;
  if (waiting >= FEED_WAITERS_MAX) return sendProblem(reply, 'too_many_requests');
  waiters.set(terminalId, waiting + 1);
  try {
    const events = await context.stopping.orElse(till.waitForFeed(cursor, waitMs), []);
    return feedAnswer(events.slice(0, limit), cursor);
  } finally {
    waiters.set(terminalId, (waiters.get(terminalId) ?? 1) - 1);
  }
}

/** `cursor`: what to ask with next. */
function feedAnswer(events: readonly FeedEvent[], cursor: number): object {
  return { events, cursor: events.at(-1)?.cursor ?? cursor };
}
