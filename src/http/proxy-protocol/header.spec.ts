import { assert, constantFrom, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientAddress } from './client-address.js';
import { readProxyHeader } from './header.js';
import { VERSION_2_SIGNATURE } from './version-2.js';

const TLS = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]);

/** A header of version 2; the rest as given, its length as counted unless told otherwise. */
function version2(versionAndCommand: number, family: number, rest: Buffer, length = rest.length): Buffer {
  const fixed = Buffer.alloc(4);
  fixed.writeUInt8(versionAndCommand, 0);
  fixed.writeUInt8(family, 1);
  fixed.writeUInt16BE(length, 2);
  return Buffer.concat([VERSION_2_SIGNATURE, fixed, rest]);
}

const PORTS = [0xc0, 0x01, 0x20, 0xfb];
const IPV4 = Buffer.from([192, 0, 2, 7, 10, 0, 0, 1, ...PORTS]);
const IPV6 = Buffer.concat([
  Buffer.from('20010db8000000000000000000000007', 'hex'),
  Buffer.from('20010db8000000000000000000000001', 'hex'),
  Buffer.from(PORTS),
]);
const TLV = Buffer.from([0x04, 0x00, 0x03, 1, 2, 3]);

const HEADERS: readonly (readonly [string, Buffer, { address: string; port: number } | null])[] = [
  [
    'version 1, IPv4',
    Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 49153 8443\r\n'),
    { address: '192.0.2.7', port: 49_153 },
  ],
  [
    'version 1, IPv6',
    Buffer.from('PROXY TCP6 2001:db8::7 2001:db8::1 49153 8443\r\n'),
    { address: '2001:db8::7', port: 49_153 },
  ],
  ['version 1, unknown', Buffer.from('PROXY UNKNOWN\r\n'), null],
  ['version 1, unknown with more', Buffer.from('PROXY UNKNOWN ffff::1 ::1 99999 what ever\r\n'), null],
  ['version 2, IPv4', version2(0x21, 0x11, IPV4), { address: '192.0.2.7', port: 49_153 }],
  ['version 2, IPv6', version2(0x21, 0x21, IPV6), { address: '2001:db8:0:0:0:0:0:7', port: 49_153 }],
  ['version 2, with more', version2(0x21, 0x11, Buffer.concat([IPV4, TLV])), { address: '192.0.2.7', port: 49_153 }],
  ['version 2, a health check', version2(0x20, 0x00, Buffer.alloc(0)), null],
  ['version 2, a health check with addresses', version2(0x20, 0x11, IPV4), null],
  ['version 2, unspecified', version2(0x21, 0x00, Buffer.from([1, 2, 3])), null],
  ['version 2, a socket of the machine', version2(0x21, 0x31, Buffer.alloc(216)), null],
];

describe.each(HEADERS)('%s', (_name, bytes, client) => {
  it('is read, and what follows is left alone', () => {
    const expected = { kind: 'header', client, length: bytes.length };
    expect(readProxyHeader(bytes)).toEqual(expected);
    expect(readProxyHeader(Buffer.concat([bytes, TLS]))).toEqual(expected);
  });

  it('is incomplete wherever it is cut', () => {
    for (let length = 0; length < bytes.length; length += 1)
      expect(readProxyHeader(bytes.subarray(0, length))).toEqual({ kind: 'incomplete' });
  });
});

it.each([
  ['TLS without header', TLS],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n')],
  ['lower case', Buffer.from('proxy TCP4 192.0.2.7 10.0.0.1 1 2\r\n')],
  ['two spaces', Buffer.from('PROXY  TCP4 192.0.2.7 10.0.0.1 1 2\r\n')],
  ['a space at the end', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 1 2 \r\n')],
  ['a field less', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n')],
  ['a family of its own', Buffer.from('PROXY TCP5 192.0.2.7 10.0.0.1 1 2\r\n')],
  ['UNKNOWN with a tail', Buffer.from('PROXY UNKNOWNTCP4 192.0.2.7 10.0.0.1 1 2\r\n')],
  ['IPv6 said to be IPv4', Buffer.from('PROXY TCP4 2001:db8::7 10.0.0.1 1 2\r\n')],
  ['IPv4 said to be IPv6', Buffer.from('PROXY TCP6 192.0.2.7 2001:db8::1 1 2\r\n')],
  ['octets that are none', Buffer.from('PROXY TCP4 192.0.2.256 10.0.0.1 1 2\r\n')],
  ['octal octets', Buffer.from('PROXY TCP4 192.0.02.7 10.0.0.1 1 2\r\n')],
  ['a port above all', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 65536 2\r\n')],
  ['a port with a zero before it', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 01 2\r\n')],
  ['a port with a sign', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 +1 2\r\n')],
  ['a second line within the first', Buffer.from('PROXY TCP4 192.0.2.7\n10.0.0.1 1 2\r\n')],
  ['a NUL in an address', Buffer.from('PROXY TCP4 192.0.2.7\0 10.0.0.1 1 2\r\n')],
  ['a line without end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)],
  ['a line that ends too late', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(100)}\r\n`)],
  ['version 1 in binary', version2(0x11, 0x11, IPV4)],
  ['version 3', version2(0x31, 0x11, IPV4)],
  ['a command of its own', version2(0x2f, 0x11, IPV4)],
  ['UDP', version2(0x21, 0x12, IPV4)],
  ['a family that nobody knows', version2(0x21, 0x51, IPV4)],
  ['addresses that are cut off', version2(0x21, 0x11, IPV4.subarray(0, 11))],
  ['IPv6 with the bytes of IPv4', version2(0x21, 0x21, IPV4)],
  ['a length beyond all reason', version2(0x21, 0x11, IPV4, 65_535)],
])('refuses %s', (_name, bytes) => {
  expect(readProxyHeader(bytes)).toMatchObject({ kind: 'invalid' });
});

it('never throws, and never waits for more than a header may have', () => {
  const starts = constantFrom(Buffer.alloc(0), Buffer.from('PROXY '), Buffer.from('PROXY TCP4 '), VERSION_2_SIGNATURE);
  assert(
    property(starts, uint8Array({ maxLength: 300 }), (start, tail) => {
      const bytes = Buffer.concat([start, tail]);
      const filled = Buffer.concat([bytes, Buffer.alloc(5_000)]);
      expect(['header', 'invalid', 'incomplete']).toContain(readProxyHeader(bytes).kind);
      expect(readProxyHeader(filled).kind).not.toBe('incomplete');
    }),
  );
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:0DB8:0:0:0:0:0:7', '2001:db8::7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['0:0:0:0:0:ffff:c000:207', '192.0.2.7'],
  ['::1', '::1'],
])('writes the address %s as %s', (address, expected) => expect(clientAddress(address)).toBe(expected));
