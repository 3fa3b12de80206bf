import { expect, it } from 'vitest';
import { readChronyc, readTimedatectl } from './system-clock.js';

it.each([
  ['yes\n', 'synchronised'],
  ['no\n', 'not_synchronised'],
  ['', 'untold'],
])('timedatectl that says %j: %s', (output, answer) => {
  expect(readTimedatectl(output)).toBe(answer);
});

it.each([
  [
    'A29FC87B,192.0.2.1,3,1764000000.1,0.000012,0.00001,0.00002,-7.1,0.001,0.02,0.01,0.001,64.2,Normal\n',
    'synchronised',
  ],
  ['00000000,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised\n', 'not_synchronised'],
  ['', 'untold'],
])('chronyc that says %j: %s', (output, answer) => {
  expect(readChronyc(output)).toBe(answer);
});
