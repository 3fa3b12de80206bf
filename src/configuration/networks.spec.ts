import { expect, it } from 'vitest';
import { isNetwork, networkList, networksIn } from './networks.js';

it.each([
  ['10.0.0.1', true],
  ['10.0.0.0/8', true],
  ['0.0.0.0/0', true],
  ['2001:db8::/32', true],
  ['::1', true],
  ['10.0.0.0/33', false],
  ['2001:db8::/129', false],
  ['10.0.0.0/08', false],
  ['10.0.0.0/', false],
  ['10.0.0.0/8/8', false],
  ['10.0.0', false],
  ['fe80::1%eth0', false],
  ['balancer.example', false],
  ['', false],
])('%s is a network: %s', (text, expected) => expect(isNetwork(text)).toBe(expected));

it('takes a list with spaces and empty parts', () => {
  expect(networksIn(' 10.0.0.1, ,2001:db8::/32,')).toEqual(['10.0.0.1', '2001:db8::/32']);
});

it.each([
  ['10.1.2.3', 'ipv4', true],
  ['::ffff:10.1.2.3', 'ipv6', true],
  ['11.1.2.3', 'ipv4', false],
  ['192.0.2.7', 'ipv4', true],
  ['192.0.2.8', 'ipv4', false],
  ['2001:db8:9::1', 'ipv6', true],
  ['2001:db9::1', 'ipv6', false],
] as const)('%s (%s) is found: %s', (address, family, expected) => {
  const list = networkList(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
  expect(list.check(address, family)).toBe(expected);
});
