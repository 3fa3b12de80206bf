import type { InvoiceLine } from './invoice-schema.js';

/**
 * The step to which cash is customarily rounded, in the smallest unit of ISO 4217: by law where there is one, elsewhere the smallest coin that
 * shops give change in. Where shops use two steps (a yuan, or a tenth of it), the larger: to accuse an honest shop is worse than not to
 * look at some cents. The source of a row stands above it; the parameters may say otherwise (`cashRoundingMax`), so that an office that knows
 * its own rule better waits for no release.
 */
// prettier-ignore
const STEPS: Readonly<Record<string, number>> = {
  // Reserve Bank of New Zealand 2006 (no coin below 10 cents). Bank of Israel, order of 2008 on the 5 agorot. South Africa: no coin below 10 cents
  // is made. Banco Central de Reserva del Perú, circular 0033-2018, with art. 44 of Ley 29571 (always down).
  NZD: 10, ILS: 10, ZAR: 10, PEN: 10,
  // Shops of the Emirates round to 25 fils (Gulf News, 2011 and 2018).
  AED: 25,
  // Danmark, bekendtgørelse nr. 928 af 19/09/2008, § 2. National Bank of Ukraine, from 1 October 2025.
  DKK: 50, UAH: 50,
  // Norway, forskrift 16. mars 2011 nr. 294. Sweden, lag (1970:1029) § 2 as of 2009:283. Czechia, Act 634/1992, § 3(c), without the 50 hellers.
  // Bank of Jamaica, 15 February 2018. Uruguay, Ley 18.739.
  NOK: 100, SEK: 100, CZK: 100, JMD: 100, UYU: 100,
  // Hungary, 2008. évi III. törvény, § 2. Banco Central de Costa Rica: no coin of 5 colones since 1 July 2026, 10 is the smallest.
  HUF: 500, CRC: 1_000,
  // Chile, Ley 20.956 (no smaller unit).
  CLP: 10,
  // CLDR (supplementalData, `cashDigits="0"`) names no fractions in cash; it does not say which coin is the smallest.
  AMD: 100, GYD: 100, MNT: 100, MUR: 100, PKR: 100, TWD: 100,
  // The same, with the smallest coin or note that is common; no rule was found for it.
  COP: 5_000, TZS: 5_000, IDR: 50_000, UZS: 50_000,
  // No source was found for these: the smallest coin or note that shops are known to give change in.
  HKD: 10, MOP: 10, PHP: 25, QAR: 25, SAR: 25, MXN: 50,
  BDT: 100, CNY: 100, DOP: 100, EGP: 100, INR: 100, KES: 100, LKR: 100, NPR: 100, RSD: 100, RUB: 100, THB: 100, TRY: 100,
  KZT: 500, ARS: 1_000, NGN: 1_000, MMK: 5_000, LBP: 500_000,
  // The same, of currencies without a smaller unit, and with thousandths.
  JPY: 10, KRW: 10, RWF: 10, XAF: 25, XOF: 25, PYG: 50, VND: 1_000,
  JOD: 50, LYD: 50, TND: 50, IQD: 250_000,
};

/**
 * Of all others: what Swiss francs are (CLDR 48, `cashRounding="5"`), Canadian dollars (the same; budget of 2012), euros where cash is rounded
 * (Belgium since 1 December 2019, Slovakia since 1 July 2022, Estonia, Finland, Ireland, Italy, Lithuania, the Netherlands), Australian and Singapore
 * dollars, ringgit (Bank Negara Malaysia, 1 April 2008), and US dollars since the last cents (Department of the Treasury, December 2025).
 */
const STEP_USUAL = 5;

/** By how much cash rounding may change a total at most, in the smallest unit, by currency (ISO 4217): what the parameters say of it. */
export type CashRoundingRules = Readonly<Record<string, number>>;

/**
 * The largest sum by which cash rounding changes a total, in the smallest unit: what the parameters say; else less than one customary step,
 * whether a shop rounds to the nearest multiple, always down (as in Peru) or up.
 */
export function cashRoundingMax(currency: string, rules: CashRoundingRules = {}): number {
  return rules[currency] ?? (STEPS[currency] ?? STEP_USUAL) - 1;
}

/** By how much the rounding lines of an invoice change its total, each as a magnitude: many small ones are no smaller than one. */
export function roundingOf(lines: readonly Pick<InvoiceLine, 'type' | 'amount'>[]): number {
  return lines.reduce((sum, { type, amount }) => (type === 'rounding' ? sum + Math.abs(amount) : sum), 0);
}
