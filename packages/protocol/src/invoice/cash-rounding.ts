import type { InvoiceLine } from './invoice-schema.js';

/**
 * The step to which cash is customarily rounded, in the smallest unit of ISO 4217: by law where there is one, elsewhere the smallest coin that
 * shops give change in. Where shops use two steps (a yuan, or a tenth of it), the larger: to accuse an honest shop is worse than not to
 * look at some cents. The lines were written from common knowledge and not checked against each country's law: correct those that you know better.
 */
// prettier-ignore
const STEPS: Readonly<Record<string, number>> = {
  // A part of the currency.
  NZD: 10, HKD: 10, ILS: 10, MOP: 10, PEN: 10, ZAR: 10,
  AED: 25, PHP: 25, QAR: 25, SAR: 25, DKK: 50, MXN: 50, UAH: 50,
  // A whole one.
  BDT: 100, CNY: 100, CZK: 100, DOP: 100, EGP: 100, INR: 100, JMD: 100, KES: 100, LKR: 100, NOK: 100, NPR: 100, PKR: 100, RSD: 100, RUB: 100,
  SEK: 100, THB: 100, TRY: 100, TWD: 100, UYU: 100,
  // Several.
  HUF: 500, CRC: 500, KZT: 500, ARS: 1_000, NGN: 1_000, COP: 5_000, MMK: 5_000, TZS: 5_000, IDR: 50_000, UZS: 50_000, LBP: 500_000,
  // Of currencies without a smaller unit.
  CLP: 10, JPY: 10, KRW: 10, RWF: 10, XAF: 25, XOF: 25, PYG: 50, VND: 1_000,
  // Of thousandths.
  JOD: 50, LYD: 50, TND: 50, IQD: 250_000,
};

/** Of all others: what euros, Swiss francs and the dollars of Canada, Australia and Singapore are rounded to. */
const STEP_USUAL = 5;

/**
 * The largest sum by which cash rounding changes a total, in the smallest unit: less than one step, whether a shop rounds to the nearest
 * multiple, always down (as in South Africa) or up.
 */
export function cashRoundingMax(currency: string): number {
  return (STEPS[currency] ?? STEP_USUAL) - 1;
}

/** By how much the rounding lines of an invoice change its total, each as a magnitude: many small ones are no smaller than one. */
export function roundingOf(lines: readonly Pick<InvoiceLine, 'type' | 'amount'>[]): number {
  return lines.reduce((sum, { type, amount }) => (type === 'rounding' ? sum + Math.abs(amount) : sum), 0);
}
