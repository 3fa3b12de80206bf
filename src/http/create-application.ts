import type { IncomingMessage, RequestListener } from 'node:http';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { isProblem, SERVER_TIMING_HEADER } from '@tax-control/protocol';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '@tax-control/protocol';
import { NestLog } from '../observability/nest-log.js';
import type { Log } from '../observability/log.js';
import { answerHeaders } from './answer-headers.js';
import { SHORT_BODY_BYTES_MAX } from './bodies/body-budget.js';
import { followHandlers } from './bodies/follow-requests.js';
import { registerBodyParsers } from './body-parsers.js';
import { addressProblem, headerProblem } from './header-problem.js';
import { LISTENER_CONSTRAINT } from './listener.js';
import { listenerConstraint } from './listener-constraint.js';
import type { Listeners } from './listeners.js';
import { ProblemFilter } from './problem-filter.js';
import { problemOfError } from './problem-of-error.js';
import { RequestCounts } from './request-counts.js';
import { requestIdOf } from './request-id.js';
import { RequestRefused } from './request-refused.js';
import { RouteTable } from './route-table.js';
import { dressProblem, sendProblem } from './send-problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** When the request had been read whole, by `performance.now()`; 0: it was answered before. */
    readAtMs: number;
  }
}

/** Header of every answer: what a till's operator quotes and the log can be searched for. */
export const REQUEST_ID_HEADER = 'request-id';
/** Characters of one part of an address: a terminal's id has 64, a code with its spaces 23. */
const ADDRESS_PART_LENGTH_MAX = 128;

/**
 * Puts the one Nest application behind the three listeners. What every request meets is done in Fastify's hooks, which
 * cost a microsecond where Nest's interceptors cost ten.
 */
export async function createApplication(
  module: Type | DynamicModule,
  listeners: Listeners,
  log: Log,
  clock: Clock,
  requests: RequestCounts = new RequestCounts(),
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    logger: false,
    serverFactory: (handler: RequestListener) => listeners.serve(handler),
    // Our own `clientError` answers on each server; Fastify adds its own to the one that it knows.
    clientErrorHandler: () => undefined,
    bodyLimit: SHORT_BODY_BYTES_MAX,
    genReqId: (request: IncomingMessage) => requestIdOf(request, listeners),
    requestIdHeader: false,
    return503OnClosing: false,
    skipMiddie: true,
    routerOptions: {
      maxParamLength: ADDRESS_PART_LENGTH_MAX,
      constraints: { [LISTENER_CONSTRAINT]: listenerConstraint(listeners) },
    },
    // No hook is asked about these.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      dressAnswer(request, reply, listeners);
      sendProblem(reply, problemOfError(error).problem);
    },
  });
  const routes = new RouteTable();
  const fastify = adapter.getInstance<FastifyInstance>();
  routes.watch(fastify);
  requests.watch(fastify, listeners);
  followHandlers(fastify);
  registerBodyParsers(fastify);
  addHooks(fastify, listeners);
  if (log.tellsDebug) logAnswers(fastify, listeners, log);
  const application = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: new NestLog(log),
  });
  application.useGlobalFilters(new ProblemFilter(listeners, routes, log, clock));
  return application;
}

/** A line for each request, where somebody looks for a fault: what an address or a body says is not in it. */
function logAnswers(fastify: FastifyInstance, listeners: Listeners, log: Log): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    log.debug('answered', {
      requestId: request.id,
      listener: listeners.nameOf(request.raw),
      method: request.method,
      route: request.is404 ? null : (request.routeOptions.url ?? null),
      status: reply.statusCode,
      problem: reply.problemCode ?? null,
      tookMs: Math.round(reply.elapsedTime),
    });
    done();
  });
}

function dressAnswer(request: FastifyRequest, reply: FastifyReply, listeners: Listeners): void {
  reply.header(REQUEST_ID_HEADER, request.id).headers(answerHeaders(listeners.nameOf(request.raw)));
}

/**
 * Tells a till for how long the server had its request, once that was read whole: the rest of the time is that of the line, by which the till
 * chooses how much it sends at once (Server-Timing, W3C).
 */
function tellServerTime({ readAtMs }: FastifyRequest, reply: FastifyReply): void {
  if (readAtMs > 0) reply.header(SERVER_TIMING_HEADER, `app;dur=${Math.round(performance.now() - readAtMs)}`);
}

function addHooks(fastify: FastifyInstance, listeners: Listeners): void {
  fastify.decorateRequest('readAtMs', 0);
  fastify.addHook('onRequest', (request, reply, done) => {
    dressAnswer(request, reply, listeners);
    const refusal = headerProblem(request.raw) ?? addressProblem(request);
    if (refusal === null) done();
    else done(new RequestRefused(refusal));
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    request.readAtMs = performance.now();
    done();
  });
  fastify.addHook('preSerialization', (_request, reply, payload, done) => {
    done(null, isProblem(payload) ? dressProblem(reply, payload) : payload);
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (listeners.nameOf(request.raw) === 'terminals') tellServerTime(request, reply);
    if (listeners.isClosing) reply.header('connection', 'close');
    done(null, listeners.answers.inPieces(reply, payload));
  });
}
