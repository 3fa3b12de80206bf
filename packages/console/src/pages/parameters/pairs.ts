/** Values by name, each as it is written into a field: `CHF=4`. */
export function textsOfPairs(pairs: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(pairs).map(([name, value]) => `${name}=${value}`);
}

/** What was written, by name; the last one of a name counts. A text without `=` is a name without a value, which the server refuses. */
export function pairsOfTexts(texts: readonly string[]): Record<string, string> {
  const pairs = texts.map((text): [string, string] => {
    const at = text.lastIndexOf('=');
    return at < 0 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  });
  return Object.fromEntries(pairs);
}

/** Whole numbers as such; what is none stays a text, which the server refuses. */
export function sumsOfTexts(texts: readonly string[]): Record<string, number> {
  const sums = Object.entries(pairsOfTexts(texts)).map(([name, value]): [string, unknown] => [
    name,
    /^\d+$/.test(value) ? Number(value) : value,
  ]);
  return Object.fromEntries(sums) as Record<string, number>;
}
