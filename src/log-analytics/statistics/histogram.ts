/**
 * Each bucket is a quarter wider than the one before. 0 is a bucket of its own; bucket n holds what is at least 1.25^(n−1) ms and below
 * 1.25^n ms. So ten minutes are bucket 60, and a histogram of a day is some twenty numbers.
 */
const GROWTH = 1.25;

/** Largest relative error of a quantile: the middle of a bucket is told, and its bounds are a factor of √1.25 away. */
export const QUANTILE_ERROR_SHARE = Math.round((Math.sqrt(GROWTH) - 1) * 1_000) / 1_000;

/** Bucket of a duration in whole milliseconds. The migrations' `add_duration` says the same. */
export function bucketOf(durationMs: number): number {
  return durationMs < 1 ? 0 : 1 + Math.floor(Math.log(durationMs) / Math.log(GROWTH));
}

/**
 * The duration below which `share` of all lie (nearest rank), from the middle of its bucket; null where nothing was measured.
 *
 * @param counts by bucket, from 0
 * @param maxMs the longest that was measured, which no quantile passes
 */
export function quantileMs(counts: readonly number[], share: number, maxMs: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const rank = Math.ceil(total * share);
  let below = 0;
  for (const [bucket, count] of counts.entries()) {
    below += count;
    if (below >= rank) return Math.min(middleMs(bucket), maxMs);
  }
  return maxMs;
}

function middleMs(bucket: number): number {
  return bucket === 0 ? 0 : Math.max(1, Math.round(GROWTH ** (bucket - 0.5)));
}
