import type { ListenerName } from './listener.js';

/**
 * How long a browser that met the public listener speaks TLS alone with its host, seconds: a year, so that it holds from one tax
 * return to the next. Other names below that host are not ours to decide for.
 */
const TLS_ALONE_S = 365 * 24 * 60 * 60;

/** A browser takes an answer for what its Content-Type says, and for nothing that its bytes look like. */
const NO_SNIFFING = { 'x-content-type-options': 'nosniff' };

/** Headers of every answer of a listener, refusals of what is no HTTP included. Of no listener: a test's injected request. */
export function answerHeaders(listener: ListenerName | null): Readonly<Record<string, string>> {
  return HEADERS[listener ?? 'operator'];
}

const HEADERS: Readonly<Record<ListenerName, Readonly<Record<string, string>>>> = {
  terminals: NO_SNIFFING,
  public: { ...NO_SNIFFING, 'strict-transport-security': `max-age=${TLS_ALONE_S}` },
  operator: NO_SNIFFING,
};
