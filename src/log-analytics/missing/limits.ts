/** The numbers of docs/incidents.md, "What is missing". */
export const MISSING_RULE = {
  /** A till tries to renew from a third of its certificate's life on; with less than a quarter left it has failed for a while. */
  certificateLifeShareMax: 0.25,
  /** What somebody needs to drive there: with less, it is told of however short the certificate's life is. */
  certificateDaysMin: 7,
  /** Nobody needs to be told of a certificate that is good for longer than this, however long its life. */
  certificateDaysMax: 30,
  /** A clock is wrong as long as its newest invoices say so; a till that was mended sells within a day. */
  clockHoursMax: 24,
  /** No shop's habit is shorter: a day off is nothing. */
  silentHoursMin: 24,
  /** How much longer than its habit a terminal must be silent. */
  habitFactor: 1.5,
  /** A terminal's habit is its third-longest silence in these weeks: closed weekends come eight times, an illness once. */
  habitDays: 56,
  habitRank: 3,
  /** A terminal that is younger has no habit yet; a long weekend is taken for it. */
  habitDaysMin: 14,
  habitHoursDefault: 72,
} as const;
