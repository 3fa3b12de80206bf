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

/** One warning about one invoice, as a till is told it; `detail` names the figures, in English. */
export interface Warning {
  readonly code: WarningCode;
  readonly detail: string;
}

/**
 * The sentence of each warning in English, by its code, or by code and reason where a code has several. Facts stand between braces.
 * Dictionaries of the console say the same of the same facts.
 */
// prettier-ignore
export const WARNING_SENTENCES = {
  'original_unknown': 'Not on file: {originals}.',
  'original_unknown.as_sale': 'Not on file as a sale: {originals}.',
  'refunds_above_original': '{taken} of {available}, in the smallest unit.',
  'original_already_voided': 'A void of the same original is on file.',
  'void_on_other_business_day': 'Voided on {businessDay}, sold on {originalDay}.',
  'rate_not_in_force': '{taxes}.',
  'rate_not_of_original': '{taxes}.',
  'offline_hours_exceeded': 'Waited {hours} hours; the limit is {hoursMax}.',
  'offline_invoices_exceeded': 'At least {invoices} waited; the limit is {invoicesMax}.',
  'offline_sales_exceeded': 'Sales of {sales} waited, in the smallest unit; the limit is {salesMax}.',
  'counter_fork': 'Counter {counter} of journal {journalId} was used by another invoice.',
  'clock_off.after_arrival': 'Time of sale is {offMs} after arrival.',
  'clock_off.before_arrival': 'Time of sale is {offMs} before arrival.',
  'clock_off.before_previous': 'Time of sale is {offMs} before that of the journal\'s previous invoice.',
  'clock_off.measured_ahead': 'The till measured its own clock to be {offMs} ahead of the server\'s.',
  'clock_off.measured_behind': 'The till measured its own clock to be {offMs} behind the server\'s.',
  'negative_sale': '{total}, in the smallest unit.',
  'signing_certificate_revoked': 'Revoked at {revokedAt}.',
  'signed_outside_validity': 'Valid from {notBefore} until {notAfter}.',
  'original_of_other_currency': 'In {currency}; the original is in {originalCurrency}.',
  'refund_sign_wrong': '{total}, in the smallest unit.',
  'refund_sign_wrong.of_original': '{total}; its original has {originalTotal}, in the smallest unit.',
  'rounding_too_large': 'By {rounding}, in the smallest unit; cash is by {roundingMax} at most.',
  'clock_behind': 'Time of sale by the till\'s clock: {issuedAt}; {clockBehind} had passed.',
  'business_day_far': 'Business day {businessDay}, time of sale {issuedAt}.',
  'entered_later': 'Sold at {issuedAt}, entered at {enteredAt}: {explanation}',
  'entered_later.unexplained': 'Sold at {issuedAt}, entered at {enteredAt}: No reason was given.',
  'number_used_before': '"{number}" also stands on code {otherCode}, in {year}.',
} as const satisfies Partial<Record<WarningCode | `${WarningCode}.${string}`, string>>;

export type WarningSentence = keyof typeof WARNING_SENTENCES;

/**
 * Kinds of facts:
 * - `text`: as it is; also days (YYYY-MM-DD) and counters
 * - `code`: a tax control code, 20 digits
 * - `money`: `-255 GBP`, in the smallest unit, exact beyond 2^53
 * - `instant`: RFC 3339
 * - `count`: a number
 * - `duration`: milliseconds
 */
interface FactTypes {
  readonly text: string;
  readonly code: string;
  readonly money: string;
  readonly instant: string;
  readonly count: number;
  readonly duration: number;
}

/** The kind of each fact that a sentence names. */
// prettier-ignore
export const WARNING_FACTS = {
  originals: 'text', taxes: 'text', businessDay: 'text', originalDay: 'text', counter: 'text', journalId: 'text', currency: 'text',
  originalCurrency: 'text', explanation: 'text', number: 'text', year: 'text',
  otherCode: 'code',
  taken: 'money', available: 'money', sales: 'money', salesMax: 'money', total: 'money', originalTotal: 'money', rounding: 'money',
  roundingMax: 'money',
  revokedAt: 'instant', notBefore: 'instant', notAfter: 'instant', issuedAt: 'instant', clockBehind: 'instant', enteredAt: 'instant',
  hours: 'count', hoursMax: 'count', invoices: 'count', invoicesMax: 'count',
  offMs: 'duration',
} as const satisfies Record<string, keyof FactTypes>;

type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The facts that a sentence names. A fact without a kind does not compile. */
export type FactsOf<Sentence extends WarningSentence> = {
  readonly [Name in NamesIn<(typeof WARNING_SENTENCES)[Sentence]>]: Name extends keyof typeof WARNING_FACTS
    ? FactTypes[(typeof WARNING_FACTS)[Name]]
    : never;
};

/**
 * A warning as the server keeps it and officials see it.
 *
 * @property facts what its sentence names, and the sentence's `reason` where the code has several; empty where an earlier version stored it
 */
export interface JudgedWarning extends Warning {
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Makes a warning: its English sentence says the facts that are kept beside it. */
export function judgedWarning<Sentence extends WarningSentence>(
  sentence: Sentence,
  facts: FactsOf<Sentence>,
): JudgedWarning {
  const [code, reason] = sentence.split('.') as [WarningCode, string?];
  const named: JudgedWarning['facts'] = facts;
  const detail = WARNING_SENTENCES[sentence].replaceAll(/\{(\w+)\}/g, (_whole, name: keyof typeof WARNING_FACTS) =>
    WARNING_FACTS[name] === 'duration' ? `${(Number(named[name]) / 1000).toFixed(0)} s` : String(named[name]),
  );
  return { code, detail, facts: { ...(reason !== undefined && { reason }), ...named } };
}

/** The key of a warning's sentence: its code, with the reason behind a point where it has one. */
export function warningSentence({ code, facts: { reason } }: Pick<JudgedWarning, 'code' | 'facts'>): string {
  return reason === undefined ? code : `${code}.${reason}`;
}
