import { describe, expect, it } from 'vitest';
import { judgeStorm, type StormMeasured } from './judge-storm.js';
import type { SaleSample } from './messages.js';

const sales = (count: number, tookMs: number, cause: string | null = null): SaleSample[] =>
  Array.from({ length: count }, () => ({ tookMs, cause }));

const MEASURED: StormMeasured = {
  quiet: sales(100, 10),
  storm: [...sales(98, 20), ...sales(1, 1_460, 'answer_timeout'), ...sales(1, 5, 'circuit_open')],
  returned: {
    invoices: 1_000,
    seconds: 10,
    secondsOfNineTenths: 6,
    sales: [...sales(3, 40), ...sales(1, 1_460, 'x')],
    failures: { 'reissue server_busy': 50 },
  },
  reissueRate: 200,
  quietBytes: 100,
  stormBytes: 130,
};

describe('a storm', () => {
  it('compares the sales, the drain and the memory', () => {
    expect(judgeStorm(MEASURED)).toMatchObject({
      quietP99: 10,
      offlineShare: 0.02,
      returningOfflineShare: 0.25,
      drained: 100,
      drainedNineTenths: 150,
      drainedRatio: 0.5,
      reissue: 200,
      memoryRatio: 1.3,
      causes: { answer_timeout: 1, circuit_open: 1 },
      sales: 100,
      returningFailures: { 'reissue server_busy': 50 },
    });
  });

  it('counts the time of a sale that was stored offline, too', () => {
    const { p99, ratio } = judgeStorm({ ...MEASURED, storm: [...sales(98, 20), ...sales(2, 1_460, 'answer_timeout')] });
    expect([p99, ratio]).toEqual([1_460, 146]);
  });

  it('says nothing of memory where the system does not tell it', () => {
    expect(judgeStorm({ ...MEASURED, quietBytes: null }).memoryRatio).toBeNull();
  });
});
