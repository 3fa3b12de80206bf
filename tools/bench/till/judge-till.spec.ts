import { expect, it } from 'vitest';
import { judgeTill } from './judge-till.js';

it('compares sales with inserts, and the drain with what the server takes', () => {
  const figures = judgeTill({
    sales: [4, 2, 6, 4, 4],
    inserts: [1, 1, 3],
    drained: { invoices: 1_000, seconds: 5 },
    oneConnection: [300, 500],
    reissue: 900,
  });
  expect(figures).toMatchObject({
    p50: 4,
    insertP50: 1,
    drained: 200,
    serverTakes: 400,
    drainedRatio: 0.5,
    reissue: 900,
  });
  expect(figures.p99).toBeCloseTo(5.92);
  expect(figures.ratio).toBeCloseTo(5.92 / 2.96);
});
