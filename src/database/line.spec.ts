import { describe, expect, it } from 'vitest';
import { reachOf } from './line.js';

describe('reachOf', () => {
  it.each([
    [undefined, 'machine'],
    ['127.0.0.1', 'machine'],
    ['127.8.9.1', 'machine'],
    ['::1', 'machine'],
    ['::ffff:127.0.0.1', 'machine'],
    ['10.1.2.3', 'private'],
    ['172.31.0.1', 'private'],
    ['192.168.0.7', 'private'],
    ['::ffff:192.168.0.7', 'private'],
    ['fd00::1', 'private'],
    ['fe80::1%eth0', 'private'],
    ['172.32.0.1', 'public'],
    ['203.0.113.9', 'public'],
    ['2001:db8::1', 'public'],
  ])('takes %s for %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach);
  });
});
