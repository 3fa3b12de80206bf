import { describe, expect, it } from 'vitest';
import { draft } from '../testing/till-folder.js';
import { draftDigest } from './draft-digest.js';

describe('the digest of a draft', () => {
  it('is the same whatever the order of members, and leaves out what is undefined', () => {
    const { kind, number, ...rest } = draft('R-1');
    expect(draftDigest({ ...rest, number, kind })).toBe(draftDigest(draft('R-1')));
    expect(draftDigest({ ...draft('R-1'), cashier: undefined })).toBe(draftDigest(draft('R-1')));
  });

  it('is another one for other content, and for another order of lines', () => {
    const [line] = draft('R-1').lines;
    const two = [
      { ...line, description: 'a' },
      { ...line, description: 'b' },
    ];
    expect(draftDigest(draft('R-2'))).not.toBe(draftDigest(draft('R-1')));
    expect(draftDigest(two)).not.toBe(draftDigest(two.toReversed()));
    expect(draftDigest({ a: null })).not.toBe(draftDigest({}));
  });

  it('is none for what JSON cannot write', () => {
    const endless: Record<string, unknown> = {};
    endless['self'] = endless;
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, Symbol('s'), [undefined], endless])
      expect(draftDigest({ value })).toBeNull();
  });
});
