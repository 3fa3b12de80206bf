import { describe, expect, it } from 'vitest';
import {
  cookieOf,
  csrfTokenOf,
  ENDED_COOKIE,
  isCsrfTokenOf,
  makeToken,
  tokenDigest,
  tokenOf,
} from './session-token.js';

const token = makeToken();

describe('a session’s cookie', () => {
  it('is for this host and its scripts’ eyes not', () => {
    expect(cookieOf(token)).toBe(`__Host-session=${token}; Path=/; Secure; HttpOnly; SameSite=Strict`);
    expect(ENDED_COOKIE).toMatch(/^__Host-session=; .*Max-Age=0$/);
  });

  it('is read among others', () => {
    expect(tokenOf(`a=b; __Host-session=${token}; c=d`)).toBe(token);
  });

  it.each([
    undefined,
    '',
    'session=x',
    `session=${token}`,
    `__host-session=${token}`,
    `__Host-session=${token}; __Host-session=${makeToken()}`,
    `__Host-session=${token}; __Host-session=${token}`,
    `__Host-session=${token}x`,
    `__Host-session="${token}"`,
    '__Host-session=',
    `__Host-session=${'A'.repeat(42)}=`,
  ])('is not read from %j', (cookies) => expect(tokenOf(cookies)).toBeNull());
});

describe('a CSRF token', () => {
  it('is of one session and does not tell its token', () => {
    const csrfToken = csrfTokenOf(token);
    expect(isCsrfTokenOf(token, csrfToken)).toBe(true);
    expect(csrfTokenOf(token)).toBe(csrfToken);
    expect(csrfToken).not.toContain(token);
    expect(tokenDigest(token).toString('base64url')).not.toBe(csrfToken);
  });

  it.each([undefined, '', csrfTokenOf(makeToken()), token, [csrfTokenOf(token)], csrfTokenOf(token).slice(1)])(
    'is not %j',
    (presented) => expect(isCsrfTokenOf(token, presented)).toBe(false),
  );
});
