import type { IncomingHttpHeaders } from 'node:http';

/** Methods that change nothing (RFC 9110, 9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

export function isSafe(method: string): boolean {
  return SAFE_METHODS.has(method);
}

/**
 * Whether a request was made by a page of this very host. Browsers send Origin with every unsafe request and let no page choose it
 * (Fetch standard, 3.2); whoever sends none is no browser and must name it.
 */
export function isOwnOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  return origin !== undefined && host !== undefined && origin.toLowerCase() === `https://${host.toLowerCase()}`;
}
