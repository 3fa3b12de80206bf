import type { FastifyRequest } from 'fastify';
import { tokenOf } from './session-token.js';

/**
 * Whoever is at the other end, before it is known who.
 * @property token of the cookie it sent, open or not
 */
export interface Visitor {
  readonly remoteAddress: string;
  readonly userAgent: string | null;
  readonly requestId: string;
  readonly token: string | null;
}

export function visitorOf(request: FastifyRequest): Visitor {
  return {
    remoteAddress: request.ip,
    userAgent: request.headers['user-agent'] ?? null,
    requestId: request.id,
    token: tokenOf(request.headers.cookie),
  };
}
