import { expect, it } from 'vitest';
import { judgeLine } from './database-line-check.js';

const CHECKED = { version: 'TLSv1.3', isVerified: true };
const UNCHECKED = { version: 'TLSv1.3', isVerified: false };

it.each([
  ['machine', null, 'ok'],
  ['machine', UNCHECKED, 'ok'],
  ['private', CHECKED, 'ok'],
  ['public', CHECKED, 'ok'],
  ['private', null, 'warning'],
  ['private', UNCHECKED, 'warning'],
  ['public', null, 'failed'],
  ['public', UNCHECKED, 'failed'],
] as const)('a line to a %s address with TLS %j is %s', (reach, tls, status) => {
  expect(judgeLine({ reach, tls }).status).toBe(status);
});

it('what to do about a line that others can read is told', () => {
  expect(judgeLine({ reach: 'public', tls: null })).toMatchObject({
    advice: expect.stringContaining('sslmode=verify-full') as string,
  });
});
