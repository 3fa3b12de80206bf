import type { Sold } from './sales-book.js';

/** How long the cashier in the middle waited, in whole milliseconds. */
export function medianMs(sold: readonly Sold[]): number {
  const times = sold.map((one) => one.tookMs).sort((a, b) => a - b);
  return Math.round(times[Math.floor(times.length / 2)] ?? 0);
}

/** How long the most patient cashier waited, in whole milliseconds. */
export function slowestMs(sold: readonly Sold[]): number {
  return Math.round(Math.max(0, ...sold.map((one) => one.tookMs)));
}
