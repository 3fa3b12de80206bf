import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits: nobody guesses one, and the database needs no slow hash of it. */
const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * `__Host-`: browsers take it over TLS only, for this very host and all of its paths, so that no neighbour can plant one (RFC 6265bis, 4.1.3.2).
 * Without Max-Age it ends with the browser; the server ends it sooner.
 */
const COOKIE_NAME = '__Host-session';
const COOKIE_ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** The header value that makes a browser forget its session. */
export const ENDED_COOKIE = `${COOKIE_NAME}=; ${COOKIE_ATTRIBUTES}; Max-Age=0`;

export function makeToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** What the database knows of a token. */
export function tokenDigest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Value of Set-Cookie for a token. */
export function cookieOf(token: string): string {
  return `${COOKIE_NAME}=${token}; ${COOKIE_ATTRIBUTES}`;
}

/** The token that a request's Cookie header bears; null where there is none, or two of which one must be somebody else's doing. */
export function tokenOf(cookies: string | undefined): string | null {
  const values = (cookies ?? '')
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${COOKIE_NAME}=`))
    .map((cookie) => cookie.slice(COOKIE_NAME.length + 1));
  const [token] = values;
  return values.length === 1 && token !== undefined && TOKEN.test(token) ? token : null;
}

/** What a page must send beside the cookie. It follows from the token, which no page can read, and says nothing about it. */
export function csrfTokenOf(token: string): string {
  return createHmac('sha256', token).update('csrf').digest('base64url');
}

export function isCsrfTokenOf(token: string, presented: unknown): boolean {
  const expected = Buffer.from(csrfTokenOf(token));
  const given = Buffer.from(typeof presented === 'string' ? presented : '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
