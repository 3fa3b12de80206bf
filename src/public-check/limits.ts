import type { RateLimit } from '../rate-limits/rate-limits.js';

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** Look-ups of one address. A whole office or a mobile carrier's customers may share one; a person looks a few receipts up. */
export const LOOK_UPS: RateLimit = { name: 'public-look-up', tries: 60, windowSeconds: MINUTE_SECONDS };

/**
 * Wrong totals of one receipt, whoever tries and wherever: a third of the usual totals are below 10.00, a thousand
 * values, and these tries need a hundred days for them.
 */
export const TOTALS_OF_RECEIPT: RateLimit = { name: 'public-total-receipt', tries: 10, windowSeconds: DAY_SECONDS };

/** Wrong totals of one address, so that nobody tries 9.99 on every code there is. */
export const TOTALS_OF_ADDRESS: RateLimit = { name: 'public-total-address', tries: 30, windowSeconds: HOUR_SECONDS };

/**
 * Receipts of one terminal and day that were looked up in vain and are kept, where nothing proves that the terminal signed them: anybody can
 * invent them. Enough to show that somebody does; 5,000 tills could be made to fill 20 MB a day.
 */
export const LOOK_UPS_IN_VAIN: RateLimit = { name: 'public-in-vain', tries: 50, windowSeconds: DAY_SECONDS };

/** Reports of one address: a family after a weekend's shopping. */
export const REPORTS_OF_ADDRESS: RateLimit = { name: 'public-report-address', tries: 10, windowSeconds: HOUR_SECONDS };

/**
 * Reports of everybody together. A report has 4 KB at most and is kept for years; strangers on many addresses shall not fill more than
 * 20 MB a day.
 */
export const REPORTS_OF_ALL: RateLimit = { name: 'public-report-all', tries: 5_000, windowSeconds: DAY_SECONDS };

/** Reports of one receipt: what ten people have not said, the eleventh will not say either. */
export const REPORTS_OF_RECEIPT: RateLimit = { name: 'public-report-receipt', tries: 10, windowSeconds: DAY_SECONDS };
