import { randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { KeptBytes } from './kept-bytes.js';

/** As the digests of 20,000 invoices are kept. */
const LINES = 120_000;

it('returns what was added, and divides no line', () => {
  const kept = new KeptBytes();
  const lines = Array.from({ length: 20_000 }, (_, index) => `${index} käse 店 ${'x'.repeat(index % 50)}\n`);
  for (const line of lines) kept.add(line);
  const texts = [...kept.texts()];
  expect(texts.length).toBeGreaterThan(1);
  expect(texts.every((text) => text.endsWith('\n'))).toBe(true);
  expect(texts.join('')).toBe(lines.join(''));
  expect(Buffer.concat([...kept.pieces()]).toString()).toBe(lines.join(''));
});

it('takes less than half of the lines in memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage();
  const kept = new KeptBytes();
  let bytes = 0;
  for (let index = 0; index < LINES; index += 1) {
    const line = `${randomBytes(32).toString('hex')} invoices/till-1/0198c0de-0000-7000-8000-000000000001/${index}.json\n`;
    bytes += line.length;
    kept.add(line);
  }
  // Memory outside of the heap is given back by a thread of its own, on a busy machine later than the collection ends.
  const taken = (): number => {
    collect();
    const after = process.memoryUsage();
    return after.external + after.heapUsed - before.external - before.heapUsed;
  };
  await expect.poll(taken, { timeout: 60_000 }).toBeLessThan(bytes / 2);
  expect([...kept.pieces()].reduce((sum, piece) => sum + piece.length, 0)).toBe(bytes);
});
