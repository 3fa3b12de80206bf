/** Numbers, money and times as people of a language read them. */

/** A thing without a value: a share of nothing, a time that never was. */
export const NO_VALUE = '–';

const MILLISECONDS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

export function formatCount(value: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** Short form for axes: 12K, 3.4M. */
export function formatShort(value: number, locale: string): string {
  return new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** @param value 0 … 1, or null for a share of nothing */
export function formatShare(value: number | null, locale: string): string {
  if (value === null) return NO_VALUE;
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: value < 0.1 ? 2 : 1 }).format(value);
}

/** Digits behind the point of a currency (ISO 4217, as the browser knows it); 2 for what it does not know. */
export function currencyDigits(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}

/** A sum in the smallest unit as a decimal number in text, exact beyond 2^53: ("-1234", 2) is "-12.34". */
export function decimalOf(smallest: string, digits: number): string {
  const sign = smallest.startsWith('-') ? '-' : '';
  const plain = smallest.slice(sign.length).padStart(digits + 1, '0');
  const whole = plain.slice(0, plain.length - digits);
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${plain.slice(-digits)}`;
}

/** @param smallest whole number of the smallest unit, as text or number */
export function formatMoney(smallest: string | number, currency: string, locale: string): string {
  return `${formatAmount(smallest, currency, locale)} ${currency}`;
}

/** The same where the currency stands beside it. */
export function formatAmount(smallest: string | number, currency: string, locale: string): string {
  const digits = currencyDigits(currency);
  const decimal = decimalOf(String(smallest), digits) as Intl.StringNumericLiteral;
  const number = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return number.format(decimal);
}

/**
 * A unit price as tills sign it: a decimal number of the smallest unit ("219.9" of a pound is 2.199 GBP), with no fewer digits than the
 * currency has.
 */
export function formatUnitPrice(smallest: string, currency: string, locale: string): string {
  const [whole = '0', fraction = ''] = smallest.split('.');
  const digits = currencyDigits(currency);
  const decimal = decimalOf(`${whole}${fraction}`, digits + fraction.length) as Intl.StringNumericLiteral;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits + fraction.length };
  return `${new Intl.NumberFormat(locale, options).format(decimal)} ${currency}`;
}

/** Milliseconds in the unit that says most: 85 ms, 1.4 s, 12 min, 3.5 h, 2.1 days. */
export function formatDuration(milliseconds: number | null, locale: string): string {
  if (milliseconds === null) return NO_VALUE;
  const { second, minute, hour, day } = MILLISECONDS;
  const [value, unit] =
    milliseconds < second
      ? [milliseconds, 'millisecond']
      : milliseconds < minute
        ? [milliseconds / second, 'second']
        : milliseconds < hour
          ? [milliseconds / minute, 'minute']
          : milliseconds < 2 * day
            ? [milliseconds / hour, 'hour']
            : [milliseconds / day, 'day'];
  const options = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: value < 10 ? 1 : 0 } as const;
  return new Intl.NumberFormat(locale, options).format(value);
}

/** An instant with date and time in a zone, to the second or, where that says nothing more, to the minute. */
export function formatInstant(
  instant: string | null,
  locale: string,
  zone: string,
  to: 'second' | 'minute' = 'second',
): string {
  if (instant === null) return NO_VALUE;
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return instant;
  // With 24 hours in every language: who compares logs adds no twelves.
  const options = {
    dateStyle: 'medium',
    timeStyle: to === 'second' ? 'medium' : 'short',
    hourCycle: 'h23',
    timeZone: zone,
  } as const;
  return new Intl.DateTimeFormat(locale, options).format(date);
}

/** How far a value is from another one, as a share of the other; null when the other is nothing. */
export function changeOf(value: number, before: number): number | null {
  return before === 0 ? null : (value - before) / Math.abs(before);
}

/** A change with its sign: +12 %, −3.4 %. */
export function formatChange(change: number, locale: string): string {
  const maximumFractionDigits = Math.abs(change) < 0.1 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: 'percent', signDisplay: 'exceptZero', maximumFractionDigits }).format(
    change,
  );
}
