import { constants } from 'node:crypto';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import { TLS_CIPHERS } from '@tax-control/protocol';
import type { LimitSettings, TlsVersion } from '../configuration/settings.js';
import { answerClientError, answerExpectation } from './client-error.js';
import type { ListenerName } from './listener.js';

/** PEM texts of a TLS listener. `ca`: the authority whose client certificates are asked for. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/** Node looks for slow senders this often within the shorter of their two bounds: they overstay by a quarter at most. */
const CHECKS_WITHIN_TIMEOUT = 4;
/** Bytes of headers. The late door's longest list names an attempt for each of 500 invoices: 19 KB; all others are below 1 KB. */
const HEADERS_BYTES_MAX = 32_768;
/**
 * Seconds for which a client may resume its TLS session, which saves both sides half of the handshake: a till that loses its line for an evening
 * comes back with it. Who the client is, is judged at every request, resumed or not.
 */
const SESSION_LIFE_S = 43_200;
/**
 * Milliseconds without a byte in either direction after which a connection in the middle of an answer is given up: its client does not read.
 * Six times what the slowest honest answer may wait for the database.
 */
const SILENCE_MS = 60_000;
/** A client that renegotiates (TLS 1.2) could become another one in the middle of a connection. */
const SECURE_OPTIONS = constants.SSL_OP_NO_RENEGOTIATION;

/**
 * The terminals' server asks for a client certificate and admits the handshake whatever comes: the application tells a
 * till why it is refused, where TLS would only break the line.
 */
export function makeTerminalServer(limits: LimitSettings, handler: RequestListener): HttpsServer {
  return makeTlsServer('terminals', limits, handler, { requestCert: true, rejectUnauthorized: false });
}

export function makePublicServer(limits: LimitSettings, handler: RequestListener): HttpsServer {
  return makeTlsServer('public', limits, handler, {});
}

export function makeOperatorServer(limits: LimitSettings, handler: RequestListener): Server {
  return answerErrors('operator', createHttpServer(optionsOf(limits), handler));
}

/** Gives a TLS server its certificate, again at any time: connections that are open keep the one they have. */
export function secure(server: HttpsServer, material: TlsMaterial, tlsMinimum: TlsVersion): void {
  server.setSecureContext({
    ...material,
    minVersion: tlsMinimum,
    ciphers: TLS_CIPHERS,
    secureOptions: SECURE_OPTIONS,
    sessionTimeout: SESSION_LIFE_S,
  });
}

function makeTlsServer(
  listener: ListenerName,
  limits: LimitSettings,
  handler: RequestListener,
  options: ServerOptions,
): HttpsServer {
  const handshakeTimeout = limits.requestHeadersTimeoutMs;
  const sessionTimeout = SESSION_LIFE_S;
  const server = createHttpsServer({ ...optionsOf(limits), ...options, handshakeTimeout, sessionTimeout }, handler);
  server.timeout = Math.max(SILENCE_MS, limits.keepAliveTimeoutMs);
  return answerErrors(listener, server);
}

function optionsOf(limits: LimitSettings): ServerOptions {
  const shortestMs = Math.min(limits.requestHeadersTimeoutMs, limits.requestTimeoutMs);
  return {
    headersTimeout: limits.requestHeadersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: Math.ceil(shortestMs / CHECKS_WITHIN_TIMEOUT),
    maxHeaderSize: HEADERS_BYTES_MAX,
    // The application refuses it with a problem; Node's own answer has no body.
    requireHostHeader: false,
  };
}

function answerErrors<Kind extends Server | HttpsServer>(listener: ListenerName, server: Kind): Kind {
  // Node drops headers above a number without a word, Content-Length among them. Their bytes are bounded already.
  server.maxHeadersCount = 0;
  server.on('clientError', (error, socket) => answerClientError(listener, error, socket as Socket));
  server.on('checkExpectation', (request, response) => answerExpectation(listener, request, response));
  return server;
}
