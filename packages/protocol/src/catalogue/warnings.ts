/**
 * What is odd about an invoice that was issued all the same: what has happened is recorded, not refused.
 * Append-only; `number` is for ever.
 */
// prettier-ignore
export const WARNINGS = {
  original_unknown: { number: 1, title: 'The original that is refunded or voided is not on file.' },
  refunds_above_original: { number: 2, title: 'The refunds of one original add up to more than it sold.' },
  original_already_voided: { number: 3, title: 'The original was voided before.' },
  void_on_other_business_day: { number: 4, title: 'The void is of another business day than its original.' },
  rate_not_in_force: { number: 5, title: 'A tax rate was not in force on the day of sale.' },
  rate_not_of_original: { number: 6, title: 'A refund or void bears another tax rate than its original.' },
  offline_hours_exceeded: { number: 7, title: 'The invoice waited longer than the offline limit allows.' },
  offline_invoices_exceeded: { number: 8, title: 'More invoices waited at once than the offline limit allows.' },
  offline_sales_exceeded: { number: 9, title: 'The sum of waiting sales was above the offline limit.' },
  counter_fork: { number: 10, title: 'The counter was used before in the same journal.' },
  clock_off: { number: 11, title: 'The till’s clock was wrong at the time of sale.' },
  negative_sale: { number: 12, title: 'The total of a sale is negative, also without its deposit lines.' },
  signing_certificate_revoked: { number: 13, title: 'The certificate that signed was revoked after the sale, or before it.' },
  signed_outside_validity: { number: 14, title: 'The time of sale lies outside the validity of the signing certificate.' },
  // 15 was planned and never given: a certificate of another environment comes from another authority, and is not admitted.
  original_of_other_currency: { number: 16, title: 'A refund or void is in another currency than its original.' },
  refund_sign_wrong: { number: 17, title: 'A refund or void has the sign of what it takes back.' },
  rounding_too_large: { number: 18, title: 'The total is rounded by more than cash of this currency is.' },
  clock_behind: { number: 19, title: 'The till’s clock was behind a moment that had passed.' },
  business_day_far: { number: 20, title: 'The business day is more than a day from the time of sale.' },
  entered_later: { number: 21, title: 'The sale was entered later than it took place.' },
  number_used_before: { number: 22, title: 'The shop’s number was used before by another invoice of this till.' },
} as const satisfies Record<string, { number: number; title: string }>;

export type WarningCode = keyof typeof WARNINGS;

/** One warning about one invoice; `detail` names the figures. */
export interface Warning {
  readonly code: WarningCode;
  readonly detail: string;
}
