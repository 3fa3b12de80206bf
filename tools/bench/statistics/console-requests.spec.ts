import { describe, expect, it } from 'vitest';
import { Random } from '../../simulator/random.js';
import { type AskedFor, CONSOLE_REQUESTS } from './console-requests.js';

const of: AskedFor = {
  endMs: Date.parse('2026-11-22T00:00:00Z'),
  terminalIds: ['till-1', 'till-2'],
  premisesIds: ['premises-1'],
  taxpayerIds: ['taxpayer-1'],
  regions: ['North', 'South'],
};

describe.each(CONSOLE_REQUESTS.map((request) => [request.name, request] as const))('%s', (name, { path, body }) => {
  const drawn = Array.from({ length: 20 }, (_, draw) => new URL(path(new Random(`${name} ${draw}`), of), 'https://x'));

  it('asks for periods that begin before they end, within the year that there is', () => {
    for (const { searchParams } of drawn) {
      const [from, to] = [searchParams.get('from'), searchParams.get('to')];
      if (from === null || to === null) continue;
      expect(Date.parse(from)).toBeLessThan(Date.parse(to));
      expect(Date.parse(to)).toBeLessThanOrEqual(of.endMs);
    }
  });

  it('asks the same for the same chances', () => {
    expect(path(new Random(name), of)).toBe(path(new Random(name), of));
    expect(body?.(new Random(name), of)).toEqual(body?.(new Random(name), of));
  });
});

it('every kind of request has a name of its own', () => {
  expect(new Set(CONSOLE_REQUESTS.map(({ name }) => name)).size).toBe(CONSOLE_REQUESTS.length);
});
