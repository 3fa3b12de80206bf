import type { FastifyInstance } from 'fastify';
import { problem } from '@tax-control/protocol';
import type { Listeners } from '../http/listeners.js';
import { RequestRefused } from '../http/request-refused.js';
import type { TerminalAuthenticator } from './terminal-authenticator.js';

/** A signing request in base64 and an echo are below 1 KB; this leaves room for both and for no attack on the memory. */
const STRANGER_BODY_BYTES_MAX = 32_768;

/**
 * Refuses large bodies of callers without a certificate of this authority before they are read: the general limit is
 * meant for terminals, and strangers are found out for certain only after their body was read.
 */
export function limitStrangerBodies(
  fastify: FastifyInstance,
  listeners: Listeners,
  authenticator: TerminalAuthenticator,
): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { headers, socket } = request.raw;
    const length = headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Infinity;
    const isSmall = length <= STRANGER_BODY_BYTES_MAX;
    if (isSmall || listeners.nameOf(request.raw) !== 'terminals' || authenticator.peerOf(socket)?.isTrusted === true)
      done();
    else done(new RequestRefused(tooLarge()));
  });
}

function tooLarge() {
  const detail = `Without a certificate of this authority a body must state its length and have at most ${STRANGER_BODY_BYTES_MAX} bytes.`;
  return problem('request_too_large', { detail, allowed: STRANGER_BODY_BYTES_MAX });
}
