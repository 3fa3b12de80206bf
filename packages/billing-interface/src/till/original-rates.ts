import {
  type Invoice,
  isSameRate,
  LIMITS,
  type OriginalAnswer,
  type OriginalName,
  originalsOf,
  type Parameters,
  ratesOnDay,
  type TaxTerms,
  timeOfUuidV7,
} from '@tax-control/protocol';
import type { InvoiceDraft } from '../api.js';
import type { OriginalTaxes } from './complete-draft.js';
import { invoiceOf } from './sale-answers.js';
import type { TillParts } from './till-parts.js';

/** Asks the server for the originals, until the point of the monotonic clock; those without an answer are missing. */
export type AskOriginals = (
  names: readonly OriginalName[],
  until: number,
) => Promise<ReadonlyMap<OriginalName, OriginalAnswer>>;

/** What a refund or void is completed and judged by. */
export interface FoundOriginals {
  /** Of each that is named, in that order: itself, where it is in this till's journal. */
  readonly own: readonly (Invoice | null)[];
  /** Of each, its taxes; null: none are known, and those in force are taken. */
  readonly taxes: readonly (OriginalTaxes | null)[];
  /** What the MIS is told where rates were not learnt and may be others. */
  readonly notices: readonly string[];
}

const NONE: FoundOriginals = { own: [], taxes: [], notices: [] };

/**
 * Part of the sale's remaining time that asking may take. Over a new connection the question needs three ways to and fro (TCP, TLS, HTTP), as
 * the sale does. Where a third is not enough for it, the sale has two thirds to connect anew, and needs them; where it is enough, the sale
 * goes over the same connection, and takes one way more.
 */
const ASKING_SHARE = 1 / 3;

/**
 * Finds the rates of what a refund or void takes back: in the journal; else at the server; else those that were in force on the day when the
 * original was written, which the time in its id tells; else none.
 */
export class OriginalRates {
  constructor(
    private readonly parts: Pick<TillParts, 'clock' | 'clockWatch' | 'identity' | 'journal' | 'shopTime'>,
    private readonly ask: AskOriginals,
  ) {}

  /** @param deadlineAt of the sale, point of the monotonic clock; asking leaves it its time */
  async find(draft: InvoiceDraft, parameters: Parameters, deadlineAt: number): Promise<FoundOriginals> {
    if (draft.kind === 'sale') return NONE;
    const names = originalsOf(draft.reference);
    const own = names.map((name) => this.#inJournal(name));
    // Taxes that the draft states need no rates.
    if (draft.taxes !== undefined) return { ...NONE, own };

    const elsewhere = names.filter((_, position) => own[position] === null);
    const told = elsewhere.length === 0 ? null : await this.ask(elsewhere, this.#askingUntil(deadlineAt));
    const taxes: (OriginalTaxes | null)[] = [];
    const notices = new Set<string>();
    for (const [position, name] of names.entries()) {
      const known = own[position] ?? told?.get(name);
      const day = known === undefined ? this.#dayOf(name) : known.businessDay;
      const ofItsDay = day === null ? [] : ratesOnDay(parameters.taxRates, day);
      const guessed = known === undefined ? ofItsDay : [];
      const ofOriginal = known?.taxes ?? guessed;
      taxes.push(ofOriginal.length > 0 ? { taxes: ofOriginal, ofItsDay } : null);
      if (known === undefined && isUncertain(draft, parameters)) notices.add(noticeOf(draft, day, guessed));
    }
    return { own, taxes, notices: [...notices] };
  }

  #inJournal(name: OriginalName): Invoice | null {
    const { identity, journal } = this.parts;
    if ('terminalId' in name && name.terminalId !== identity().terminalId) return null;
    const entry = journal.read(() =>
      'code' in name ? journal.invoices.byCode(name.code) : journal.invoices.byInvoice(name.invoiceId),
    );
    return entry === null ? null : invoiceOf(entry.jws);
  }

  #askingUntil(deadlineAt: number): number {
    const now = this.parts.clock.monotonicMs();
    return now + Math.max(0, deadlineAt - now) * ASKING_SHARE;
  }

  /** The shop's day at the time in the original's id; null: it names none, or one that has not come. */
  #dayOf(name: OriginalName): string | null {
    const { clockWatch, shopTime } = this.parts;
    const time = 'code' in name ? null : timeOfUuidV7(name.invoiceId);
    if (time === null || time > clockWatch.moment + LIMITS.clockOffsetMsMax) return null;
    return shopTime.dayOf(shopTime.local(time));
  }
}

/** Whether a category of the draft ever had another rate: only then may the original have been sold at another one. */
function isUncertain({ lines }: InvoiceDraft, { taxRates }: Parameters): boolean {
  const categories = new Set(categoriesOf(lines));
  return [...categories].some((category) => {
    const [first, ...others] = taxRates.filter((rate) => rate.category === category);
    return first !== undefined && others.some(({ rate }) => !isSameRate(rate, first.rate));
  });
}

/** Of the lines that state no rate of their own, levies included. */
function categoriesOf(lines: InvoiceDraft['lines']): string[] {
  return lines.flatMap(({ taxCategory, taxRate, levies = [] }) => [
    ...(taxCategory === undefined || taxRate !== undefined ? [] : [taxCategory]),
    ...levies.flatMap(({ category, rate }) => (rate === undefined ? [category] : [])),
  ]);
}

function noticeOf({ lines }: InvoiceDraft, day: string | null, guessed: readonly TaxTerms[]): string {
  const isGuessed = categoriesOf(lines).map((name) => guessed.some(({ category }) => category === name));
  const taken = [
    ...(isGuessed.includes(true) ? [`those of ${day}, when the original was written by its id`] : []),
    ...(isGuessed.includes(false) ? ['those in force now'] : []),
  ];
  return (
    `The server did not tell the tax rates of the original. This invoice has ${taken.join(', and ')}. Compare them with the receipt ` +
    'of the original. If they differ, void this invoice and enter it again with its taxes.'
  );
}
