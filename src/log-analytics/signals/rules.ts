/** Minutes after the last sale from which a refund is one after closing: the last customer may have come back for a mistake. */
export const CLOSING_PAUSE_MINUTES = 5;

/** The numbers of docs/incidents.md, "Signals". Each is judged by calendar month of business days. */
export const SIGNAL_RULE = {
  /** Invoices a month from which a till's shares mean anything: one void in twenty is five per cent and nothing. */
  invoicesMin: 100,
  /** Voids or refunds that a share must be made of. */
  takenBackMin: 10,
  /** Tills to compare with, the till itself among them; with fewer, comparable shops are looked for more widely. */
  peersMin: 8,
  /** How many robust deviations from the median are far. 3.5 is the usual bound for outliers by median and MAD (Iglewicz and Hoaglin). */
  deviationsMin: 3.5,
  /** Of comparable tills that are all alike even a small difference is many deviations: the least that one is taken for. */
  deviationMin: 0.01,
  /** And the share must be this many times the median, so that 2.1 % among 2.0 % is nothing. */
  timesMedianMin: 2,
  /** Days of a month on which something was taken back after the last sale. */
  closingDaysMin: 3,
  /** Times a month in which a till alone could not get through while its neighbours could. */
  aloneMin: 3,
  /** Times a month at which an invoice was dated before the one that was signed before it. */
  backwardsMin: 2,
  /** Refunds and voids that name no original that is on file: at least so many, and at least this part of all. */
  withoutOriginalMin: 10,
  withoutOriginalShareMin: 0.5,
  /** Training: at least so many, and at least this part of all invoices. A till is learnt in a day. */
  trainingMin: 50,
  trainingShareMin: 0.1,
  /**
   * Part of a certificate's life that is left at an early renewal. Our tills renew when a third to five twelfths are left (renew.ts
   * of the billing interface), or when the server says that it has expired.
   */
  lifeLeftMin: 0.5,
  /** Early and repeated renewals of a month: one is enough. */
  renewalsMin: 1,
  /**
   * Invoices of a month whose number stood on another one of the same till, kind and year before. One is enough: a number names one
   * invoice (Directive 2006/112/EC, 226 (2)), and whoever sells twice under one number can show the same paper twice.
   */
  numbersAgainMin: 1,
  /** Receipts of a month that were looked up, are not on file, and bear nothing that the till signed: one may be a typing error. */
  inventedMin: 3,
  /** Days from a sale after which its receipt should have been reported: more than twice the usual offline limit of 72 hours. */
  notReportedDaysMin: 7,
  /** Receipts that the till signed and that were not reported in this time: one is enough, for it proves a sale. */
  notReportedMin: 1,
} as const;
