import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { array, assert, constantFrom, integer, property, tuple } from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../testing/till-folder.js';
import { type Mark, MARKED_CHAINS_MAX, MarkFile, markFileOf, SLOT_BYTES } from './mark-file.js';

let folder: ReturnType<typeof temporaryFolder>;
let file: string;
beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.directory, 'journal.mark');
});
afterEach(() => folder.remove());

const JOURNAL = '0b0f6c0e-54d8-4a4b-9c56-0a6a3f1d2c11';
const markOf = (counter: number): Mark => [{ journalId: JOURNAL, counter, digest: 'd'.repeat(43) }];

function readMark(): ReturnType<MarkFile['read']> {
  return new MarkFile(file).read();
}

function writeMarks(...counters: number[]): void {
  const mark = new MarkFile(file);
  mark.read();
  for (const counter of counters) mark.write(markOf(counter));
  mark.close();
}

describe('the mark beside a journal', () => {
  it('lies beside the journal under a name that journal.sqlite* does not match', () => {
    expect(markFileOf(join('till', 'journal.sqlite'))).toBe(join('till', 'journal.mark'));
  });

  it('keeps what was written last, over reopening, in a file that never grows', () => {
    for (const counters of [[1], [2, 3], [4], [5, 6, 7]]) {
      writeMarks(...counters);
      expect(readMark()).toEqual({ state: 'sound', mark: markOf(counters.at(-1)!) });
      expect(statSync(file).size).toBe(2 * SLOT_BYTES);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('has room for the longest ends', () => {
    const mark = Array.from({ length: MARKED_CHAINS_MAX }, () => markOf(Number.MAX_SAFE_INTEGER)[0]!);
    new MarkFile(file).write(mark);
    expect(readMark()).toEqual({ state: 'sound', mark });
    expect(statSync(file).size).toBe(2 * SLOT_BYTES);
  });

  it.each([1, 2, 3])('is the old or the new one wherever a write is torn (after %i)', (written) => {
    writeMarks(...Array.from({ length: written }, (_, index) => index + 1));
    const before = readFileSync(file);
    writeMarks(written + 1);
    const after = readFileSync(file);
    const isNew = (length: number): boolean => {
      writeFileSync(file, Buffer.concat([after.subarray(0, length), before.subarray(length)]));
      const { mark } = readMark() as { mark: Mark };
      expect([written, written + 1]).toContain(mark[0]!.counter);
      return mark[0]!.counter > written;
    };
    const torn = Array.from({ length: after.length + 1 }, (_, length) => isNew(length));
    expect(torn.at(0)).toBe(false);
    expect(torn.at(-1)).toBe(true);
  });

  it('never names anything else whatever is overwritten in one of its slots', () => {
    writeMarks(1, 2);
    const whole = readFileSync(file);
    const places = integer({ min: 0, max: SLOT_BYTES - 1 });
    assert(
      property(
        constantFrom(0, 1),
        array(tuple(places, integer({ min: 1, max: 255 })), { minLength: 1 }),
        (slot, flips) => {
          const damaged = Buffer.from(whole);
          for (const [place, bits] of flips) damaged[slot * SLOT_BYTES + place]! ^= bits;
          writeFileSync(file, damaged);
          expect([markOf(1), markOf(2)]).toContainEqual((readMark() as { mark: Mark }).mark);
        },
      ),
    );
  });

  it.each([
    ['of no byte', Buffer.alloc(0)],
    ['of zeros', Buffer.alloc(2 * SLOT_BYTES)],
    ['of something else', Buffer.from('{"sequence":1,"mark":[]} ')],
  ])('is unreadable as a file %s, and is made anew', (_, bytes) => {
    writeFileSync(file, bytes);
    expect(readMark()).toMatchObject({ state: 'unreadable' });
    writeMarks(1);
    expect(readMark()).toEqual({ state: 'sound', mark: markOf(1) });
  });

  it('is missing, and a folder of its name is unreadable', () => {
    expect(readMark()).toEqual({ state: 'missing' });
    mkdirSync(file);
    expect(readMark()).toMatchObject({ state: 'unreadable' });
    expect(() => writeMarks(1)).toThrow(/EISDIR/);
  });

  it('stands as it was when a write fails, and the next write is taken', () => {
    writeMarks(1, 2);
    const mark = new MarkFile(file);
    mark.read();
    const kept = readFileSync(file);
    rmSync(file);
    mkdirSync(file);
    expect(() => mark.write(markOf(3))).toThrow(/EISDIR/);
    rmSync(file, { recursive: true });
    writeFileSync(file, kept);
    chmodSync(file, 0o600);
    mark.write(markOf(4));
    mark.close();
    expect(readMark()).toEqual({ state: 'sound', mark: markOf(4) });
  });
});
