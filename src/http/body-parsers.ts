import type { FastifyInstance, FastifyRequest } from 'fastify';
import { decodeUtf8, LIMITS, parseJsonWithUniqueNames, type Problem, problem } from '@tax-control/protocol';
import { LONG_BODY_BYTES_MIN } from './bodies/body-budget.js';
import { LongBodies } from './bodies/long-bodies.js';
import { hasMoreValuesThan } from './json-values.js';
import { RequestRefused } from './request-refused.js';
import type { RouteFacts } from './route-options.js';

/** A certificate signing request for a P-256 key is 300 to 700 bytes in base64; RFC 7030 bodies need no more than this. */
const PKCS10_BYTES_MAX = 16_384;

/** Values of one JSON body: a full upload of the transaction log has 7,000, everything else a few hundred. */
const JSON_VALUES_MAX = 20_000;

/** A page's form: a thousand characters of three bytes, percent-encoded, and its other fields. */
const FORM_BYTES_MAX = 16_384;

/**
 * The content types that the server reads, and no others: JSON, what EST sends (RFC 7030, 4.2.1) as text, and forms where a
 * route takes them. JSON must be UTF-8
 * (RFC 8259, 8.1): a parser that repairs it would let two senders' bytes mean the same.
 */
export function registerBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const longBodies = new LongBodies();
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      const refusal = body.length < LONG_BODY_BYTES_MIN ? null : await longBodies.turnOf(request, body.length);
      if (refusal !== null) throw new RequestRefused(refusal);
      const reading = readJson(body);
      if ('problem' in reading) throw new RequestRefused(reading.problem);
      return reading.json;
    },
  );
  fastify.addContentTypeParser(
    'application/pkcs10',
    { parseAs: 'string', bodyLimit: PKCS10_BYTES_MAX },
    (_request, body, done) => done(null, body),
  );
  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
    (request, body, done) => {
      const { takesForms = false } = request.routeOptions.config as RouteFacts;
      if (takesForms) done(null, new URLSearchParams(String(body)));
      else done(new RequestRefused(problem('media_type_not_supported')), undefined);
    },
  );
}

function readJson(body: Buffer): { readonly json: unknown } | { readonly problem: Problem } {
  if (hasMoreValuesThan(body, JSON_VALUES_MAX)) {
    const detail = `A body has at most ${JSON_VALUES_MAX} values, all lists and objects together.`;
    return { problem: problem('request_too_large', { detail, allowed: JSON_VALUES_MAX }) };
  }
  // Which of two members of one name counts would be anybody's guess.
  const text = decodeUtf8(body);
  const parsed = text === null ? null : parseJsonWithUniqueNames(text);
  return parsed === null ? { problem: problem('malformed_request', { detail: HOW_TO_WRITE }) } : { json: parsed.value };
}

const HOW_TO_WRITE =
  `Send JSON of the documented shape, in UTF-8 and at most ${LIMITS.jsonLevelsMax} levels deep. No object may name a member twice, ` +
  'however the name is spelled.';
