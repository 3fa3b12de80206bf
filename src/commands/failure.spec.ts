import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { expect, it } from 'vitest';
import { failureOf } from './failure.js';

// There is no /dev/full on macOS.
it.runIf(existsSync('/dev/full'))('tells a full disk as what it is, not as a bug', () => {
  const file = openSync('/dev/full', 'w');
  const write = (): void => void writeSync(file, 'x');
  expect(failureOf(caught(write))).toEqual({
    done: false,
    kind: 'refused',
    message: 'A file cannot be written, because the disk or quota is full. Make room, then try the same again.',
  });
  closeSync(file);
});

function caught(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
