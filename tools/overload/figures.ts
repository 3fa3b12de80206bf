import { quantile } from '../bench/figures.js';
import type { Sample } from './messages.js';

/** What honest tills saw for a while. Times in milliseconds. */
export interface Figures {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
  /** Share of the requests that had no code in time, 0 to 1. */
  readonly withoutCode: number;
  /** What came instead, and how often. */
  readonly instead: Readonly<Record<string, number>>;
}

export function figuresOf(samples: readonly Sample[]): Figures {
  const times = samples.map(({ tookMs }) => tookMs).toSorted((one, other) => one - other);
  const instead: Record<string, number> = {};
  for (const sample of samples)
    if (sample.instead !== null) instead[sample.instead] = (instead[sample.instead] ?? 0) + 1;
  return {
    requests: samples.length,
    p50: times.length === 0 ? NaN : quantile(times, 0.5),
    p99: times.length === 0 ? NaN : quantile(times, 0.99),
    withoutCode: samples.length === 0 ? NaN : samples.filter(({ hasCode }) => !hasCode).length / samples.length,
    instead,
  };
}

const SECOND_MS = 1_000;

/**
 * From the end of an attack until a second begins in which every sale has its code in time; null: none was seen.
 *
 * @param samples of sales
 */
export function recoveryMs(samples: readonly Sample[], attackEnded: number): number | null {
  const after = samples.filter(({ dueMs }) => dueMs >= attackEnded);
  const lastMs = Math.max(0, ...after.map(({ dueMs }) => dueMs));
  const missed = after.filter(({ hasCode }) => !hasCode).map(({ dueMs }) => dueMs);
  const beginnings = [attackEnded, ...missed.map((dueMs) => dueMs + 1)];
  const found = beginnings.find(
    (fromMs) => fromMs + SECOND_MS <= lastMs && !missed.some((dueMs) => dueMs >= fromMs && dueMs < fromMs + SECOND_MS),
  );
  return found === undefined ? null : found - attackEnded;
}
