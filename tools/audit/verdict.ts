/** What the audit judges: I1 to I9 (README, what always holds), and two conditions that they rest on. */
export const CHECKS = {
  I1: 'no code and no sequence number is given twice',
  I2: 'one invoice has one code and one receipt, for ever',
  I3: 'every receipt that a till holds is in the database',
  I4: 'what a till accepted is issued, or refused with a cause',
  I5: 'counters used twice are flagged; gaps are listed',
  I6: 'every invoice verifies under a certificate of its terminal',
  I7: 'MAC and check digits of every code fit what is printed',
  I8: 'sums behind the statistics equal a recount of the rows',
  I9: 'what a restored database forgot is back, with the same codes',
  pairs: 'every number has its signed content, and no other',
  columns: 'what can be searched is what was signed',
} as const;

export type CheckId = keyof typeof CHECKS;

/** Findings kept in full for each check: enough to see a pattern, few enough for a screen and for memory. */
const FINDINGS_KEPT = 10;

/**
 * The judgement of one check.
 * @property held null: could not be checked with what was given (no till exports)
 * @property checked how many things were looked at
 * @property findings the first of them, in words
 * @property notes what a person should know, though nothing is wrong
 */
export interface Verdict {
  readonly id: CheckId;
  readonly title: string;
  readonly held: boolean | null;
  readonly checked: number;
  readonly findingCount: number;
  readonly findings: readonly string[];
  readonly noteCount: number;
  readonly notes: readonly string[];
}

/** Collects what one check sees; memory stays bounded however much is wrong. */
export class Tally {
  #checked = 0;
  #findingCount = 0;
  #noteCount = 0;
  readonly #findings: string[] = [];
  readonly #notes: string[] = [];

  constructor(readonly id: CheckId) {}

  /** So many more things were looked at. */
  looked(count = 1): void {
    this.#checked += count;
  }

  /** Something that must not be. */
  find(finding: string): void {
    this.#findingCount += 1;
    if (this.#findings.length < FINDINGS_KEPT) this.#findings.push(finding);
  }

  /** A finding unless the condition holds. */
  expect(condition: boolean, finding: () => string): void {
    if (!condition) this.find(finding());
  }

  /** Something that people should know of; it does not break the check. */
  note(note: string): void {
    this.#noteCount += 1;
    if (this.#notes.length < FINDINGS_KEPT) this.#notes.push(note);
  }

  /** Nothing was found so far. */
  get isUnbroken(): boolean {
    return this.#findingCount === 0;
  }

  verdict(wasChecked = true): Verdict {
    return {
      id: this.id,
      title: CHECKS[this.id],
      held: wasChecked ? this.#findingCount === 0 : null,
      checked: this.#checked,
      findingCount: this.#findingCount,
      findings: this.#findings,
      noteCount: this.#noteCount,
      notes: this.#notes,
    };
  }
}

export type Tallies = { readonly [Id in CheckId]: Tally };

export function newTallies(): Tallies {
  return {
    I1: new Tally('I1'),
    I2: new Tally('I2'),
    I3: new Tally('I3'),
    I4: new Tally('I4'),
    I5: new Tally('I5'),
    I6: new Tally('I6'),
    I7: new Tally('I7'),
    I8: new Tally('I8'),
    I9: new Tally('I9'),
    pairs: new Tally('pairs'),
    columns: new Tally('columns'),
  };
}
