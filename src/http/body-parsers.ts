import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { problem } from '@tax-control/protocol';
import { RequestRefused } from './request-refused.js';

/** A certificate signing request for a P-256 key is 300 to 700 bytes in base64; RFC 7030 bodies need no more than this. */
const PKCS10_BYTES_MAX = 16_384;

/**
 * The content types that the server reads, and no others: JSON, and what EST sends (RFC 7030, 4.2.1) as text. JSON must be UTF-8
 * (RFC 8259, 8.1): a parser that repairs it would let two senders' bytes mean the same.
 */
export function registerBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    const value = parseJson(body);
    if (value === undefined) done(new RequestRefused(problem('malformed_request')), undefined);
    else done(null, value.json);
  });
  fastify.addContentTypeParser(
    'application/pkcs10',
    { parseAs: 'string', bodyLimit: PKCS10_BYTES_MAX },
    (_request, body, done) => done(null, body),
  );
}

function parseJson(body: Buffer): { readonly json: unknown } | undefined {
  if (!isUtf8(body)) return undefined;
  try {
    return { json: JSON.parse(body.toString('utf8')) as unknown };
  } catch {
    return undefined;
  }
}
