/** An element that means itself without quotes. The word NULL does not. */
const PLAIN = /^(?!null$)[\w.:+-]+$/i;

/**
 * A column of values as the text of a PostgreSQL array. The driver makes such texts too, but slower: it quotes every element and looks
 * through it twice. Hardly any needs it here.
 */
export function arrayLiteral(column: readonly (string | number | boolean | null)[]): string {
  return `{${column.map(elementOf).join(',')}}`;
}

function elementOf(value: string | number | boolean | null): string {
  if (value === null) return 'NULL';
  const text = String(value);
  return PLAIN.test(text) ? text : `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
