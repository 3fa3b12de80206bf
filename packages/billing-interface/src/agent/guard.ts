import type { FastifyInstance } from 'fastify';
import { bearsToken } from './agent-token.js';
import { isPreflight, type Origins } from './origins.js';
import { ANSWER_HEADERS, sendProblem } from './replies.js';
import type { Stopping } from './stopping.js';

const NO_CONTENT = 204;

/** Addresses that anybody on this machine may ask without the token: they say nothing of sales. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/v1/health', '/v1/openapi.json']);

/**
 * Who may call: nothing that names another host (a page whose name was made to point here), no web page but those that are allowed by name,
 * nobody without the token.
 * It runs before routing is answered, so that an unknown address tells nothing either.
 */
export function guard(
  app: FastifyInstance,
  token: string,
  stopping: Stopping,
  isOurHost: (header: string | undefined) => boolean,
  origins: Origins,
): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(ANSWER_HEADERS);
    const hosts = request.raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
    // Of two, Node takes the first.
    if (hosts.length > 1) return sendProblem(reply, 'malformed_request', { detail: 'Name the Host once.' });
    if (!isOurHost(request.headers.host)) return sendProblem(reply, 'host_not_allowed');
    const { origin } = request.headers;
    if (origin !== undefined) {
      if (!origins.allows(origin)) return sendProblem(reply, 'origin_not_allowed');
      if (isPreflight(request.method, request.headers))
        return reply.code(NO_CONTENT).headers(origins.preflightHeadersFor(origin, request.headers)).send();
      reply.headers(origins.headersFor(origin));
    }
    if (OPEN_PATHS.has(request.url) || bearsToken(request.headers.authorization, token)) return undefined;
    return sendProblem(reply.header('www-authenticate', 'Bearer'), 'token_wrong');
  });
  // Only what has arrived whole is begun, and only what is begun is waited for.
  app.addHook('preHandler', async (_request, reply) => {
    if (stopping.hasBegun) return sendProblem(reply.header('connection', 'close'), 'stopping');
    stopping.enter();
    reply.raw.once('close', () => stopping.leave());
    return undefined;
  });
}
