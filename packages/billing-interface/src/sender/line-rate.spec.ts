import { LIMITS } from '@tax-control/protocol';
import { describe, expect, it } from 'vitest';
import { LineRate } from './line-rate.js';

/** What an exchange takes on a line: the way to and fro, and the bytes. */
const msOn = (bytesPerSecond: number, wayMs: number, bytes: number) => wayMs + (bytes * 1_000) / bytesPerSecond;

describe('the rate of a line', () => {
  it('is unknown at first, and guessed from what short bodies take', () => {
    const rate = new LineRate();
    expect(rate.known).toBeNull();
    rate.took(3_000, 100);
    expect(rate.known).toBe(30_000);
    expect(rate.proven).toBeNull();
  });

  it('is proven by a long body, and never more than the line carries', () => {
    for (const wayMs of [5, 100, 600]) {
      const rate = new LineRate();
      for (const bytes of [3_000, 16_000, 16_000, 32_000]) rate.took(bytes, msOn(8_000, wayMs, bytes));
      expect(rate.proven).toBeLessThanOrEqual(8_000);
      expect(rate.proven).toBeGreaterThan(6_500);
    }
  });

  it('is not forgotten for many short bodies, which show less', () => {
    const rate = new LineRate();
    rate.took(50_000, 500);
    for (let sent = 0; sent < 20; sent += 1) rate.took(3_000, 300);
    expect(rate.proven).toBe(100_000);
  });

  it('is what a short body shows, where that is more: the way has become shorter', () => {
    const rate = new LineRate();
    rate.took(16_000, 4_000);
    rate.took(3_000, 30);
    expect(rate.proven).toBe(100_000);
  });

  it('falls when the line has become slower, and at once when a long body had no answer', () => {
    const rate = new LineRate();
    for (let sent = 0; sent < 8; sent += 1) rate.took(50_000, msOn(100_000, 50, 50_000));
    for (let sent = 0; sent < 8; sent += 1) rate.took(20_000, msOn(10_000, 50, 20_000));
    expect(rate.proven).toBeLessThan(11_000);
    rate.took(500_000, 1_000);
    rate.overran(200_000, 20_000);
    expect(rate.proven).toBe(10_000);
  });

  it('is not judged by a short body that had no answer: that is no question of bytes', () => {
    const rate = new LineRate();
    rate.took(50_000, 500);
    rate.overran(3_000, 30_000);
    expect(rate.proven).toBe(100_000);
  });

  it('is never below what a server waits for', () => {
    const rate = new LineRate();
    rate.took(300, 30_000);
    expect(rate.known).toBe(LIMITS.slowestBytesPerSecond);
    rate.overran(20_000, 60_000);
    expect(rate.proven).toBe(LIMITS.slowestBytesPerSecond);
  });

  it('says of bytes on an unknown line that they may take as long as a server waits, and of none that they do', () => {
    const rate = new LineRate();
    const slowestMs = (40_000 * 1_000) / LIMITS.slowestBytesPerSecond;
    expect(rate.msAtMost(40_000)).toBe(slowestMs);
    expect(rate.mayTakeLonger(40_000, slowestMs)).toBe(false);
    expect(rate.mayTakeLonger(40_001, slowestMs)).toBe(true);
    expect(rate.takesLonger(5_000_000, 1)).toBe(false);
  });

  it('says of bytes that they may take longer by what short bodies show, and that they do only when a long one has shown it', () => {
    const rate = new LineRate();
    rate.took(3_000, 100);
    expect(rate.mayTakeLonger(60_000, 2_000)).toBe(false);
    expect(rate.mayTakeLonger(60_001, 2_000)).toBe(true);
    expect(rate.takesLonger(60_001, 2_000)).toBe(false);
    rate.took(16_000, 1_000);
    expect(rate.takesLonger(60_000, 2_000)).toBe(false);
    expect(rate.takesLonger(60_001, 2_000)).toBe(true);
  });
});
