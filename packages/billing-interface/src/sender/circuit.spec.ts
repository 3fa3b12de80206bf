import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Circuit, RETRY_AFTER_MS_MAX } from './circuit.js';

let isThere: boolean;
let probes: number;
let closings: number;
let circuit: Circuit;
beforeEach(() => {
  vi.useFakeTimers();
  [isThere, probes, closings] = [false, 0, 0];
  circuit = new Circuit({
    probe: () => {
      probes += 1;
      return Promise.resolve(isThere);
    },
    onClosed: () => {
      closings += 1;
    },
    pace: { probeMs: 1000, probeMsMax: 8000 },
    random: () => 1,
  });
});
afterEach(() => {
  circuit.end();
  vi.useRealTimers();
});

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

describe('the circuit', () => {
  it('opens at a failure, probes after a while, and closes when the line is there', async () => {
    circuit.failed();
    expect(circuit.state).toBe('open');
    await pass(999);
    expect(probes).toBe(0);
    isThere = true;
    await pass(1);
    expect([probes, closings, circuit.state]).toEqual([1, 1, 'closed']);
  });

  it('probes less and less often, up to a bound', async () => {
    circuit.failed();
    for (const [index, wait] of [1000, 2000, 4000, 8000, 8000, 8000].entries()) {
      await pass(wait - 1);
      expect(probes).toBe(index);
      await pass(1);
      expect(probes).toBe(index + 1);
    }
  });

  it('goes on waiting longer where probes pass and invoices do not', async () => {
    isThere = true;
    circuit.failed();
    await pass(1000);
    circuit.failed();
    await pass(1999);
    expect(probes).toBe(1);
    await pass(1);
    expect(probes).toBe(2);
    circuit.succeeded();
    circuit.failed();
    await pass(1000);
    expect(probes).toBe(3);
  });

  it('keeps to the server’s wish where that is longer', async () => {
    circuit.failed(5000);
    await pass(4999);
    expect(probes).toBe(0);
    await pass(1);
    expect(probes).toBe(1);
  });

  it.each([86_400_000, 2 ** 40])('keeps to a wish of %d ms for an hour, no longer and no shorter', async (wish) => {
    circuit.failed(wish);
    await pass(RETRY_AFTER_MS_MAX - 1);
    expect(probes).toBe(0);
    await pass(1);
    expect(probes).toBe(1);
  });

  it('has one probe at a time, which callers share', async () => {
    circuit.failed();
    isThere = true;
    expect(await Promise.all([circuit.probeNow(), circuit.probeNow()])).toEqual([true, true]);
    expect(probes).toBe(1);
    expect(await circuit.probeNow()).toBe(true);
    expect(probes).toBe(1);
  });

  it('stays open when a probe throws', async () => {
    const failing = new Circuit({ probe: () => Promise.reject(new Error('x')), onClosed: () => undefined });
    failing.failed();
    expect(await failing.probeNow()).toBe(false);
    expect(failing.state).toBe('open');
    failing.end();
  });

  it('spreads its probes', async () => {
    const hasty = new Circuit({
      probe: () => Promise.resolve(true),
      onClosed: () => undefined,
      random: () => 0,
      pace: { probeMs: 1000 },
    });
    hasty.failed();
    await pass(499);
    expect(hasty.state).toBe('open');
    await pass(1);
    expect(hasty.state).toBe('closed');
    hasty.end();
  });
});
