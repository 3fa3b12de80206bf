const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };
const DURATION_PATTERN = /^([0-9]+)(ms|s|m)$/;

/** "10s", "500ms" or "2m" in milliseconds; null for other text. */
export function parseDuration(text: string): number | null {
  const [, count, unit] = DURATION_PATTERN.exec(text) ?? [];
  const unitMs = unit === undefined ? undefined : UNITS_MS[unit];
  return count === undefined || unitMs === undefined ? null : Number(count) * unitMs;
}
