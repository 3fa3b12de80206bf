import { array, assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisons, limitOf, type Peer } from './peers.js';

function peers(count: number, over: Partial<Peer> = {}): Peer[] {
  return Array.from({ length: count }, (_, index) => ({
    terminalId: `till-${index}`,
    region: 'North',
    activity: 'Grocery',
    share: 0.02,
    ...over,
  }));
}

describe('what is far from others', () => {
  it('lies beyond deviations and twice the median', () => {
    expect(limitOf([0.02, 0.02, 0.02, 0.02]).limit).toBeCloseTo(0.055);
    expect(limitOf([0.05, 0.05, 0.05]).limit).toBeCloseTo(0.1);
    expect(limitOf([0.01, 0.02, 0.03, 0.04, 0.05]).limit).toBeCloseTo(0.03 + 3.5 * 1.4826 * 0.01);
    expect(limitOf([0, 0, 0]).limit).toBeCloseTo(0.035);
  });

  it('is not moved by how far the farthest is', () => {
    const shares = array(double({ min: 0, max: 0.1, noNaN: true }), { minLength: 7, maxLength: 40 });
    assert(property(shares, (usual) => limitOf([...usual, 0.5]).limit === limitOf([...usual, 1]).limit));
  });
});

describe('comparable tills', () => {
  it('are of the same activity and region, or where these are few of the same activity', () => {
    const [one] = peers(1);
    if (one === undefined) throw new Error('one was wanted');
    expect(comparisons(peers(8))(one)).toMatchObject({ among: 'activity_and_region', peers: 8, median: 0.02 });
    const wide = [...peers(4), ...peers(4, { region: 'South', share: 0.3 })];
    expect(comparisons(wide)(one)).toMatchObject({ among: 'activity', peers: 8 });
    const foreign = [...peers(4), ...peers(40, { activity: 'Bar' })];
    expect(comparisons(foreign)(one)).toMatchObject({ among: null, peers: 4 });
  });
});
