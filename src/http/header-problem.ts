import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { type Problem, problem } from '@tax-control/protocol';

const NO_ENCODING = 'identity';

/** What is wrong with a request before its body is read, whatever it asks for. */
export function headerProblem({ headers, rawHeaders, httpVersion }: IncomingMessage): Problem | null {
  // RFC 9112, 3.2. Of two, Node takes the first and a balancer may take the last.
  if (rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length > 1)
    return problem('malformed_request', { detail: 'A request names its Host once.' });
  if (headers.host === undefined && httpVersion === '1.1')
    return problem('malformed_request', { detail: 'A request in HTTP/1.1 names its Host.' });
  const encoding = headers['content-encoding'];
  // RFC 9110, 15.5.16. Compressed bodies could be a thousand times larger than they look.
  if (encoding !== undefined && encoding.toLowerCase() !== NO_ENCODING)
    return problem('media_type_not_supported', { detail: 'Send the body as it is, without Content-Encoding.' });
  return null;
}

/** Neither can be stored in a text of PostgreSQL, and no name or code has one. */
const NUL = '\u0000';
const HALF_PAIR = /\p{Cs}/u;

/** The wire and the console. Pages for people tell a wrong address in their own words, before they look anything up. */
const API_PREFIX = '/v1/';

/**
 * What is wrong with an address of the API, decoded: a NUL (`%00`) or half a surrogate pair in its path or query. Found here once, because
 * every route hands its parts to the database.
 */
export function addressProblem({ params, query, routeOptions }: FastifyRequest): Problem | null {
  if (routeOptions.url?.startsWith(API_PREFIX) !== true) return null;
  const texts = [params, query].flatMap((part) => Object.entries(part ?? {}).flat(2));
  if (!texts.some((text) => typeof text === 'string' && (text.includes(NUL) || HALF_PAIR.test(text)))) return null;
  return problem('malformed_request', { detail: 'The address contains a NUL or half a surrogate pair.' });
}
