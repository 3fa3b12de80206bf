/**
 * By what a shop's number is found and compared: composed or decomposed, wide or narrow, whatever spaces and case. `Café 7`, `CAFE\u0301\u00A07`
 * and `café7` are one number.
 */
export function numberKey(number: string): string {
  // Upper case first: it turns ß into SS and both small sigmas into one.
  return number.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC').replaceAll(SPACES, '');
}

/** Spaces of any kind, and characters that nobody sees. */
const SPACES = /[\s\p{Cf}]+/gu;
