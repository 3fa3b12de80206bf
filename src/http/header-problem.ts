import type { IncomingMessage } from 'node:http';
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

/**
 * What is wrong with the parts of an address, decoded: a NUL (`%00`) or half a surrogate pair. Found here once, because every route hands
 * its parts to the database.
 * @param parts path parameters, and the query
 */
export function addressProblem(...parts: readonly unknown[]): Problem | null {
  const texts = parts.flatMap((part) => Object.entries(part ?? {}).flat(2));
  if (!texts.some((text) => typeof text === 'string' && (text.includes(NUL) || HALF_PAIR.test(text)))) return null;
  return problem('malformed_request', { detail: 'The address contains a NUL or half a surrogate pair.' });
}
