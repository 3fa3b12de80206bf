/** Digits after the point where neither ISO 4217 nor the runtime knows the currency: what most currencies have. */
const MINOR_DIGITS_USUAL = 2;

/**
 * Currencies whose minor digits in ISO 4217 differ from those in the runtime's locale data, which follows what is
 * paid in cash. Invoices are in the smallest unit of ISO 4217, and printing 100 filler as 100 forint would be wrong by a hundred.
 */
const MINOR_DIGITS_OF_ISO_4217: Readonly<Record<string, number>> = {
  AFN: 2,
  ALL: 2,
  COP: 2,
  HUF: 2,
  IDR: 2,
  IQD: 3,
  IRR: 2,
  KPW: 2,
  LAK: 2,
  LBP: 2,
  MGA: 2,
  MMK: 2,
  PKR: 2,
  RSD: 2,
  SOS: 2,
  SYP: 2,
  YER: 2,
};

/** Asking the runtime costs more than all other work on an amount; there are 26³ codes at the most. */
const known = new Map(Object.entries(MINOR_DIGITS_OF_ISO_4217));

/** Digits after the point of a currency's smallest unit (ISO 4217): 2 for GBP, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  let digits = known.get(currency);
  if (digits === undefined) {
    const options = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
    digits = options.maximumFractionDigits ?? MINOR_DIGITS_USUAL;
    known.set(currency, digits);
  }
  return digits;
}

/** Moves the decimal point of a plain decimal text to the left; exact for any length. */
function movePoint(decimal: string, digits: number): string {
  const sign = decimal.startsWith('-') ? '-' : '';
  const [whole = '0', fraction = ''] = decimal.replace('-', '').split('.');
  const padded = whole.padStart(digits + 1, '0');
  const left = padded.slice(0, padded.length - digits);
  const right = padded.slice(padded.length - digits) + fraction;
  return right === '' ? `${sign}${left}` : `${sign}${left}.${right}`;
}

/** Thousands apart, as both languages of the receipt write them. */
function groupThousands(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** An amount of the smallest unit as it is printed: 123456 GBP is `1,234.56`. Exact for every safe integer. */
export function formatAmount(amount: number, currency: string): string {
  return groupThousands(movePoint(String(amount), minorDigits(currency)));
}

/** A unit price (decimal text of the smallest unit) as it is printed: `0.5` GBP is `0.005`, `255` is `2.55`. */
export function formatUnitPrice(unitPrice: string, currency: string): string {
  return groupThousands(movePoint(unitPrice, minorDigits(currency)));
}
