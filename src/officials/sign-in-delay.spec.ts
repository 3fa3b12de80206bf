import { expect, it } from 'vitest';
import { accountSubject, addressSubject } from './sign-in-delay.js';

function digest(address: string): string {
  return addressSubject(address).digest.toString('hex');
}

it.each([
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9'],
  ['2001:DB8:1:2::', '2001:db8:1:2:3:4:5:6'],
  ['fe80::1%eth0', 'fe80::2'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::1', '::2'],
])('takes %s and %s for one network', (one, other) => expect(digest(one)).toBe(digest(other)));

it.each([
  ['2001:db8:1:2::1', '2001:db8:1:3::1'],
  ['192.0.2.7', '192.0.2.8'],
  ['2001:db8::1', '2001:db8:0:1::1'],
])('tells %s from %s', (one, other) => expect(digest(one)).not.toBe(digest(other)));

it('takes no account for an address', () =>
  expect(accountSubject('192.0.2.7').digest).not.toEqual(addressSubject('192.0.2.7').digest));
