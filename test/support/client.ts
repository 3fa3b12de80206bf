import { request as httpRequest } from 'node:http';
import { Agent, type AgentOptions, request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { ListenerName } from '../../src/http/listener.js';
import type { ServerPlace } from './server.js';
import type { TestTerminal } from './terminals.js';

/** An answer, read to its end. */
export interface Answer<Body = Record<string, unknown>> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; throws where it is none. */
  json(): Body;
}

export interface CallOptions {
  readonly method?: string;
  /** An object goes as JSON, a text or bytes as they are. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly listener?: ListenerName;
  /** Whose certificate to show. */
  readonly terminal?: Pick<TestTerminal, 'keyPem' | 'certificatePem'> | undefined;
  /** Further options of node:https: an agent that keeps connections, a TLS session. */
  readonly tls?: RequestOptions;
}

/** A server that hangs shall fail its test with a sentence, not the run with a timeout. */
const ANSWER_TIMEOUT_MS = 60_000;

type Place = Pick<ServerPlace, 'addresses' | 'ca'>;

/** Calls a listener, the terminals' one unless another is named. POST when there is a body. */
export function call<Body = Record<string, unknown>>(
  place: Place,
  path: string,
  options: CallOptions = {},
): Promise<Answer<Body>> {
  const listener = options.listener ?? 'terminals';
  const { port } = place.addresses[listener];
  const isText = typeof options.body === 'string' || Buffer.isBuffer(options.body);
  const body =
    isText || options.body === undefined ? (options.body as string | undefined) : JSON.stringify(options.body);
  const isChunked = options.headers?.['transfer-encoding'] !== undefined;
  const common = {
    host: '127.0.0.1',
    port,
    path,
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(body === undefined || isChunked ? {} : { 'content-length': Buffer.byteLength(body) }),
      ...options.headers,
    },
  };
  return new Promise((resolve, reject) => {
    const request =
      listener === 'operator'
        ? httpRequest({ ...common, agent: false })
        : httpsRequest({ agent: false, ...tlsOptions(place, listener, options.terminal), ...common, ...options.tls });
    request.setTimeout(ANSWER_TIMEOUT_MS, () =>
      request.destroy(new Error(`no answer to ${common.method} ${path} in time`)),
    );
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const json = () => JSON.parse(text) as Body;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    request.end(body);
  });
}

/** TLS options of a client: who it is, whom it trusts. The public listener's own certificate is self-signed for trying out. */
export function tlsOptions(place: Place, listener: ListenerName, terminal?: CallOptions['terminal']): AgentOptions {
  return {
    ...(listener === 'public' ? { rejectUnauthorized: false } : { ca: place.ca }),
    ...(terminal === undefined ? {} : { key: terminal.keyPem, cert: terminal.certificatePem }),
  };
}

/** An agent that keeps one connection of a terminal open; `destroy()` it. */
export function keepAliveAgent(place: Place, terminal?: CallOptions['terminal']): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1, ...tlsOptions(place, 'terminals', terminal) });
}
