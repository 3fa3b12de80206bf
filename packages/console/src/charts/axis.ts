/** About so many lines across a chart. */
const LINES = 4;
/** What a step of an axis may begin with: people divide by ten, and by half of it. */
const ROUND = [1, 2, 5, 10];

/**
 * Round numbers along an axis, from at or below the lowest value to at or above the highest; zero is among them.
 * Values are whole, so no step is below 1.
 */
export function roundTicks(lowest: number, highest: number): number[] {
  const from = Math.min(0, lowest);
  const to = Math.max(0, highest, from + 1);
  const least = (to - from) / LINES;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = Math.max(1, (ROUND.find((round) => round * power >= least) ?? 10) * power);
  const first = Math.floor(from / step);
  const last = Math.ceil(to / step);
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
}

/** Pixels of a letter at the axis' size; a Chinese character is twice as wide. */
const LETTER_PX = 7;
/** Between label and line: the chart library's 10 for the label, 8 for the mark, and what a letter may be wider. */
const GAP_PX = 22;
const WIDE = /[\u2e80-\uffdc]/gu;

/** Room that the longest label of an axis takes, in pixels. */
export function axisWidth(labels: readonly string[]): number {
  const letters = labels.map((label) => label.length + (label.match(WIDE)?.length ?? 0));
  return GAP_PX + LETTER_PX * Math.max(1, ...letters);
}

/** The lowest and the highest column of a stacked chart: what is below zero is stacked downwards. */
export function stackedRange(
  steps: readonly { readonly values: Readonly<Record<string, number>> }[],
  keys: readonly string[],
): { readonly lowest: number; readonly highest: number } {
  const sums = steps.map(({ values }) => keys.map((key) => values[key] ?? 0));
  const sum = (list: readonly number[], sign: 1 | -1): number =>
    list.reduce((all, value) => (value * sign > 0 ? all + value : all), 0);
  return {
    lowest: Math.min(0, ...sums.map((list) => sum(list, -1))),
    highest: Math.max(0, ...sums.map((list) => sum(list, 1))),
  };
}
