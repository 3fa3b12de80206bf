import type { IncomingHttpHeaders } from 'node:http';

/** Scheme and host, perhaps a port; of a shell's own scheme too (`app://till`). */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*,"'<>\\]*$/;
/** What browsers and shells send for pages from files. It names no page: whoever allows it allows every such page on this machine. */
const OPAQUE = 'null';
/** Seconds for which a browser remembers the answer to a preflight: Chromium's most. */
const PREFLIGHT_SECONDS = '7200';

/** Headers by which a browser lets a page read the answer, and asks again for another page. */
export type OriginHeaders = Readonly<Record<string, string>>;

/**
 * Reads the origin of a page or shell as browsers send it (RFC 6454, 6.2): `https://pos.example`, `http://localhost:5173`, `app://till`,
 * `file://`, `null`. Null: it is none; an address with a path, or a pattern.
 */
export function parseOrigin(text: string): string | null {
  const origin = text.toLowerCase();
  if (origin === OPAQUE) return origin;
  if (!ORIGIN.test(origin)) return null;
  // Browsers leave the usual port out.
  if (/^https?:/.test(origin)) return URL.canParse(origin) ? new URL(origin).origin : null;
  return origin;
}

/** Which pages may call. Without any, none. */
export class Origins {
  readonly #allowed: ReadonlySet<string>;

  /** @param allowed as `parseOrigin` gives them */
  constructor(allowed: readonly string[]) {
    this.#allowed = new Set(allowed);
  }

  allows(origin: string): boolean {
    return this.#allowed.has(origin.toLowerCase());
  }

  /** Headers of every answer to a page that is allowed. */
  headersFor(origin: string): OriginHeaders {
    return { 'access-control-allow-origin': origin, vary: 'Origin', 'access-control-expose-headers': 'Retry-After' };
  }

  /** Answer to a preflight (Fetch Standard, CORS-preflight): the request itself still needs the token. */
  preflightHeadersFor(origin: string, headers: IncomingHttpHeaders): OriginHeaders {
    return {
      ...this.headersFor(origin),
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'Authorization, Content-Type, Accept',
      'access-control-max-age': PREFLIGHT_SECONDS,
      // Asked by browsers where a page from elsewhere calls this machine.
      ...(headers['access-control-request-private-network'] === 'true' && {
        'access-control-allow-private-network': 'true',
      }),
    };
  }
}

/** Whether a request is a browser's question whether the page may send the real one. It bears no token. */
export function isPreflight(method: string, headers: IncomingHttpHeaders): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}
