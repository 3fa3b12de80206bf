import { utcTime } from '../clock.js';
import { judgeLimits, type LimitVerdict } from './offline-limits.js';
import type { TillParts } from './till-parts.js';

/** Tells in the feed when the backlog comes near an offline limit, and when it reaches it. */
export class LimitWatch {
  #last: LimitVerdict['state'] = 'within';

  constructor(private readonly parts: Pick<TillParts, 'clock' | 'journal' | 'shelf' | 'waitingTime'>) {}

  look(): void {
    const { clock, journal, shelf, waitingTime } = this.parts;
    const limits = shelf.current?.offlineLimits;
    const backlog = journal.tryRead(() => journal.invoices.backlog());
    if (limits === undefined || backlog === null) return;
    const verdict = judgeLimits(limits, backlog, 0, waitingTime.nowFor(backlog));
    const isNews = verdict.state !== this.#last;
    this.#last = verdict.state;
    if (!isNews || verdict.state === 'within') return;
    const event = { at: utcTime(clock.now()), kind: 'limit', saleId: null, invoiceId: null, code: null } as const;
    journal.tryTransaction(() => journal.feed.append({ ...event, detail: verdict.sentence }));
  }
}
