import { describe, expect, it } from 'vitest';
import { Random } from './random.js';

const draws = (random: Random): number[] => Array.from({ length: 1_000 }, () => random.next());

describe('Random', () => {
  it('draws the same for the same seed and labels, and something else for others', () => {
    expect(draws(new Random('1').fork('till', 3))).toEqual(draws(new Random('1').fork('till', 3)));
    expect(draws(new Random('1').fork('till', 3))).not.toEqual(draws(new Random('1').fork('till', 4)));
    expect(draws(new Random('1'))).not.toEqual(draws(new Random('2')));
  });

  it('draws evenly, by weight, and around a mean', () => {
    const random = new Random('spread');
    const mean = draws(random).reduce((sum, draw) => sum + draw, 0) / 1_000;
    expect(mean).toBeGreaterThan(0.46);
    expect(mean).toBeLessThan(0.54);
    const picked = Array.from({ length: 2_000 }, () => random.weighted([0, 3, 1, 0]));
    expect(new Set(picked)).toEqual(new Set([1, 2]));
    expect(picked.filter((index) => index === 1).length / 2_000).toBeCloseTo(0.75, 1);
    const counts = Array.from({ length: 500 }, () => random.count(40));
    expect(counts.reduce((sum, count) => sum + count, 0) / 500).toBeCloseTo(40, -0.5);
  });

  it('makes UUIDs of version 7 that bear their time', () => {
    const time = Date.parse('2026-11-01T12:00:00Z');
    const id = new Random('uuid').uuid(time);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.slice(0, 13).replace('-', ''), 16)).toBe(time);
  });
});
