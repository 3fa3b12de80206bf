import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { type Problem, problem } from '@tax-control/protocol';
import { hasMoreValuesThan } from './json-values.js';
import { RequestRefused } from './request-refused.js';

/** A certificate signing request for a P-256 key is 300 to 700 bytes in base64; RFC 7030 bodies need no more than this. */
const PKCS10_BYTES_MAX = 16_384;

/** Values of one JSON body: a full upload of the transaction log has 7,000, everything else a few hundred. */
const JSON_VALUES_MAX = 20_000;

/**
 * The content types that the server reads, and no others: JSON, and what EST sends (RFC 7030, 4.2.1) as text. JSON must be UTF-8
 * (RFC 8259, 8.1): a parser that repairs it would let two senders' bytes mean the same.
 */
export function registerBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    const reading = readJson(body);
    if ('problem' in reading) done(new RequestRefused(reading.problem), undefined);
    else done(null, reading.json);
  });
  fastify.addContentTypeParser(
    'application/pkcs10',
    { parseAs: 'string', bodyLimit: PKCS10_BYTES_MAX },
    (_request, body, done) => done(null, body),
  );
}

function readJson(body: Buffer): { readonly json: unknown } | { readonly problem: Problem } {
  if (hasMoreValuesThan(body, JSON_VALUES_MAX)) {
    const detail = `A body has at most ${JSON_VALUES_MAX} values, all lists and objects together.`;
    return { problem: problem('request_too_large', { detail, allowed: JSON_VALUES_MAX }) };
  }
  if (!isUtf8(body)) return { problem: problem('malformed_request') };
  try {
    return { json: JSON.parse(body.toString('utf8')) as unknown };
  } catch {
    return { problem: problem('malformed_request') };
  }
}
