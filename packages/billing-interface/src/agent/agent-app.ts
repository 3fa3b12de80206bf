import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { LIMITS, TLS_CIPHERS } from '@tax-control/protocol';
import { errorCodes, fastify, type FastifyInstance } from 'fastify';
import type { AgentContext } from './context.js';
import { type AgentLog, answerClientError, answerExpectation, mapFaults } from './faults.js';
import { guard } from './guard.js';
import { Origins } from './origins.js';
import { openApiDocument } from './openapi.js';
import { ANSWER_HEADERS, sendProblem } from './replies.js';
import { saleRoutes } from './sale-routes.js';
import { terminalRoutes } from './terminal-routes.js';

/** JSON by any of its names (RFC 6839, 3.1; `text/json` was never registered, and is sent). */
const JSON_TYPE = /^(application\/(json|[-.\w]+\+json)|text\/json)\s*(;|$)/i;
/** The whole request must have arrived in this time: on one machine it takes milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;
/** How often late requests are looked for; the time above is exact to this. */
const TIMEOUT_CHECK_INTERVAL_MS = 1000;
/** An idle connection is kept for the pauses between two customers. */
const KEEP_ALIVE_TIMEOUT_MS = 72_000;
/** Thirty lanes with a few connections each; a program that leaks connections must not take all file handles. */
const CONNECTIONS_MAX = 256;
/** Characters of a path parameter: the longest saleId with every character percent-encoded in UTF-8. */
const PATH_PARAMETER_LENGTH_MAX = 2000;

export interface AgentAppOptions extends AgentContext {
  readonly token: string;
  readonly isOurHost: (header: string | undefined) => boolean;
  /** Pages that may call, by their origin (see `parseOrigin`). */
  readonly origins?: readonly string[];
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  readonly log: AgentLog;
  readonly requestTimeoutMs?: number;
}

/** The agent's HTTP API, not listening yet. */
export function agentApp(options: AgentAppOptions): FastifyInstance {
  const app: FastifyInstance = fastify({
    serverFactory: (handler) => makeServer(options, handler),
    // Ours answers; Fastify would add its own to it.
    clientErrorHandler: () => undefined,
    bodyLimit: LIMITS.requestBytesMax,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    // No hook is asked about these.
    frameworkErrors: ({ code }, _request, reply) => {
      reply.headers(ANSWER_HEADERS);
      if (code === 'FST_ERR_MAX_PARAM_LENGTH')
        sendProblem(reply, 'invalid_request', { detail: 'A terminalId or saleId in the address is too long.' });
      else sendProblem(reply, 'malformed_request', { detail: 'The address is not percent-encoded UTF-8.' });
    },
    routerOptions: { maxParamLength: PATH_PARAMETER_LENGTH_MAX },
  });
  // The body is read where it is known what it must be; the bytes are needed, not a lenient decoding of them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    // Small tools send none; what it is, the reader of the body finds out.
    if (request.headers['content-type'] === undefined) done(null, body);
    else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(request.headers['content-type']), undefined);
  });
  mapFaults(app, options.log);
  guard(app, options.token, options.stopping, options.isOurHost, new Origins(options.origins ?? []));
  app.get('/v1/health', (_request, reply) => {
    const lanes = options.lanes.list();
    const open = lanes.filter(({ state }) => state === 'open').length;
    const status = open === 0 ? 'down' : open < lanes.length ? 'degraded' : 'ok';
    return reply
      .code(status === 'down' ? 503 : 200)
      .send({ status, version: options.version, terminals: { open, unavailable: lanes.length - open } });
  });
  app.get('/v1/openapi.json', () => openApiDocument(options.version));
  terminalRoutes(app, options);
  saleRoutes(app, options);
  return app;
}

function makeServer(
  { tls, requestTimeoutMs = REQUEST_TIMEOUT_MS }: AgentAppOptions,
  handler: Parameters<typeof createHttpServer>[1],
): Server {
  const timeouts = {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // The guard refuses it with a problem; Node's own answer has no body.
    requireHostHeader: false,
  };
  const server =
    tls === null
      ? createHttpServer(timeouts, handler)
      : createHttpsServer({ ...timeouts, ...secureOptions(tls) }, handler);
  server.maxConnections = CONNECTIONS_MAX;
  // Node drops headers above a number without a word, Content-Length among them. Their bytes are bounded already.
  server.maxHeadersCount = 0;
  server.on('clientError', answerClientError);
  server.on('checkExpectation', answerExpectation);
  return server;
}

function secureOptions({ certificate, key }: NonNullable<AgentAppOptions['tls']>) {
  return { cert: certificate, key, minVersion: 'TLSv1.2', ciphers: TLS_CIPHERS } as const;
}
