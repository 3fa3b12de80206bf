/**
 * A text with one letter exchanged for another, which is never the same: a fixed letter would be the one that is there already in one of 64
 * runs, and the test would try nothing.
 * @param place of the letter; counted from the end when negative
 */
export function tampered(text: string, place: number): string {
  const index = place < 0 ? text.length + place : place;
  return `${text.slice(0, index)}${text[index] === 'A' ? 'B' : 'A'}${text.slice(index + 1)}`;
}
