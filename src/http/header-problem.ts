import type { IncomingMessage } from 'node:http';
import { type Problem, problem } from '@tax-control/protocol';

const NO_ENCODING = 'identity';

/** What is wrong with a request before its body is read, whatever it asks for. */
export function headerProblem({ headers, httpVersion }: IncomingMessage): Problem | null {
  // RFC 9112, 3.2.
  if (headers.host === undefined && httpVersion === '1.1')
    return problem('malformed_request', { detail: 'A request in HTTP/1.1 names its Host.' });
  const encoding = headers['content-encoding'];
  // RFC 9110, 15.5.16. Compressed bodies could be a thousand times larger than they look.
  if (encoding !== undefined && encoding.toLowerCase() !== NO_ENCODING)
    return problem('media_type_not_supported', { detail: 'Send the body as it is, without Content-Encoding.' });
  return null;
}
