const DECIMAL_PATTERN = /^(-?)([0-9]+)(?:\.([0-9]+))?$/;
const PENCE_DIGITS = 2;

/** Pounds as decimal text → pence as decimal text, exactly, by moving the point: "2.1" → "210", "0.005" → "0.5". Null for other text. */
export function penceOfPounds(pounds: string): string | null {
  const match = DECIMAL_PATTERN.exec(pounds);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  const digits = fraction.padEnd(PENCE_DIGITS, '0');
  const integer = `${whole}${digits.slice(0, PENCE_DIGITS)}`.replace(/^0+(?=[0-9])/, '');
  const rest = digits.slice(PENCE_DIGITS).replace(/0+$/, '');
  const text = rest === '' ? integer : `${integer}.${rest}`;
  return text === '0' ? '0' : `${sign}${text}`;
}

/** quantity × price in whole pence, half pennies away from zero. */
export function lineAmount(quantity: number, unitPricePence: string): number {
  const [whole = '0', fraction = ''] = unitPricePence.replace('-', '').split('.');
  const scale = 10n ** BigInt(fraction.length);
  const isNegative = unitPricePence.startsWith('-') !== quantity < 0;
  const product = BigInt(`${whole}${fraction}`) * BigInt(Math.abs(quantity));
  const rounded = Number((product * 2n + scale) / (scale * 2n));
  return isNegative && rounded !== 0 ? -rounded : rounded;
}
