import { X509Certificate } from 'node:crypto';
import { JOURNAL_PAGE_BYTES_MAX, type JournalAnswer, certificateThumbprint, isIssuedBy } from '@tax-control/protocol';
import { utcTime } from '../clock.js';
import type { TrustedAuthorities } from '../enrolment/trusted-authorities.js';
import type { FetchedInvoice } from '../journal/fetched-store.js';
import { JournalUnavailable } from '../journal/journal-unavailable.js';
import type { OpenLoss } from '../journal/loss-store.js';
import { judgeLost, type LostFacts } from './judge-lost.js';
import type { TillParts } from './till-parts.js';
import { unhurried } from './unhurried.js';

/** Milliseconds until a server is asked again that could not be believed or does not know the call: nothing changes by itself. */
const AGAIN_MS = 600_000;
const PARAMETERS_MS = 5_000;

/** What was read of one page. `detail`: why one of them is not believed; `before`: the counter before the first such. */
interface JudgedPage {
  readonly believed: readonly FetchedInvoice[];
  /** That a trusted authority gave, for who verifies the journal later. */
  readonly certificates: readonly X509Certificate[];
  readonly doubt: { readonly before: number; readonly detail: string } | null;
}

/**
 * Fetches back what the server has of journals that this till's disk has lost: page by page on the lane of what nobody waits for, each stored
 * in one transaction with where to go on, so that a line that fails in the middle costs one page.
 */
export class LostJournals {
  /** Point of the monotonic clock. */
  #notBefore = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;

  constructor(
    private readonly parts: TillParts,
    private readonly authorities: TrustedAuthorities,
    private readonly fetchParameters: (until: number) => Promise<void>,
  ) {}

  /**
   * Fetches until nothing is left or the line fails. One at a time; a disk that fails stops it, and the next sale's answer says so.
   * @param now also where the server was not believed a moment ago: a person asked for it
   */
  fetch(now = false): Promise<void> {
    if (now) this.#notBefore = Number.NEGATIVE_INFINITY;
    this.#running ??= this.#fetchAll()
      .catch((error: unknown) => {
        if (!(error instanceof JournalUnavailable)) throw error;
      })
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  async #fetchAll(): Promise<void> {
    const { clock, journal } = this.parts;
    if (clock.monotonicMs() < this.#notBefore) return;
    for (const loss of journal.read(() => journal.losses.open())) if (!(await this.#fetchOne(loss))) return;
  }

  /** Whether the next one may be asked for. */
  async #fetchOne(loss: OpenLoss): Promise<boolean> {
    const { circuit, clock, journal, lane } = this.parts;
    let doubt: JudgedPage['doubt'] = null;
    for (let cursor: string | null = loss.cursor; cursor !== null;) {
      if (!circuit.isClosed) return false;
      const asked: string = cursor;
      const page: JournalAnswer | null = await lane.run('background', () => this.#ask(loss, asked));
      if (page === null) return false;
      const judged = await this.#judge(loss, page);
      doubt ??= judged.doubt;
      cursor = page.next;
      journal.transaction(() => {
        for (const one of judged.certificates)
          journal.settings.addCertificate(certificateThumbprint(one), one.toString(), clock.now());
        for (const invoice of judged.believed) journal.fetched.add(invoice, clock.now());
        // Behind one that was not believed nothing is passed by: the next time begins before it.
        if (doubt === null && page.next !== null) journal.losses.advance(loss.position, page.next);
        else if (doubt !== null && doubt === judged.doubt) journal.losses.advance(loss.position, String(doubt.before));
      });
    }
    if (doubt === null) this.#finish(loss);
    else this.#halt(loss, `The server is not believed: ${doubt.detail}`);
    return true;
  }

  async #ask({ position, journalId }: OpenLoss, after: string): Promise<JournalAnswer | null> {
    const { calls, clock, journal, lineState } = this.parts;
    const began = clock.monotonicMs();
    const result = await calls.journal(journalId, after, unhurried(this.parts, JOURNAL_PAGE_BYTES_MAX));
    if (result.ok) {
      lineState.worked();
      return result.value;
    }
    const { failure } = result;
    lineState.failedInBackground(failure, began);
    if (failure.class === 'outage') return null;
    this.#notBefore = clock.monotonicMs() + AGAIN_MS;
    journal.transaction(() => journal.losses.halt(position, `${failure.cause} ${failure.detail ?? ''}`.trim()));
    return null;
  }

  /** A receipt that cannot be believed may only be signed by a newer key: the parameters are asked once. */
  async #judge(loss: OpenLoss, page: JournalAnswer): Promise<JudgedPage> {
    const judged = this.#judgeNow(loss, page);
    if (judged.doubt === null) return judged;
    const { clock, lane } = this.parts;
    await lane.run('background', () => this.fetchParameters(clock.monotonicMs() + PARAMETERS_MS));
    return this.#judgeNow(loss, page);
  }

  #judgeNow({ journalId }: OpenLoss, { invoices, certificates }: JournalAnswer): JudgedPage {
    const came = certificates.flatMap(certificateOf);
    const trusted = this.authorities.certificates;
    const facts: LostFacts = {
      journalId,
      terminalId: this.parts.identity().terminalId,
      trustedKeys: this.parts.shelf.current?.trustedKeys ?? [],
      authorities: trusted,
      certificate: this.#certificates(came),
    };
    const believed: FetchedInvoice[] = [];
    let doubt: JudgedPage['doubt'] = null;
    for (const item of invoices) {
      const verdict = judgeLost(item, facts);
      if (verdict.ok) believed.push(verdict.invoice);
      else doubt ??= { before: item.counter - 1, detail: verdict.detail };
    }
    return { believed, certificates: came.filter((one) => isIssuedBy(one, [], trusted)), doubt };
  }

  /** Those of the journal's file, and those that came with the page: a till that lost its file knows only the one it has now. */
  #certificates(came: readonly X509Certificate[]): LostFacts['certificate'] {
    const { journal } = this.parts;
    return (thumbprint) => {
      const pem = journal.read(() => journal.settings.certificate(thumbprint));
      if (pem !== null) return new X509Certificate(pem);
      return came.find((one) => certificateThumbprint(one) === thumbprint) ?? null;
    };
  }

  #halt({ position }: OpenLoss, problem: string): void {
    const { clock, journal } = this.parts;
    this.#notBefore = clock.monotonicMs() + AGAIN_MS;
    journal.transaction(() => journal.losses.halt(position, problem));
  }

  /** Everything that the server has is here: the feed tells what is missing, and which sales were signed again meanwhile. */
  #finish(loss: OpenLoss): void {
    const { clock, journal } = this.parts;
    const at = clock.now();
    const event = { at: utcTime(at), code: null } as const;
    journal.transaction(() => {
      const { journalId, fetched, withoutContent, missing } = journal.losses.finish(loss.position, at);
      const bare = withoutContent === 0 ? '' : `, ${withoutContent} without their content`;
      const detail = `Of the journal ${journalId} ${fetched} invoices were fetched back${bare}; ${missing} are not at the server.`;
      journal.feed.append({ ...event, kind: 'journal_fetched', saleId: null, invoiceId: null, detail });
      for (const { saleId, invoiceId, lost } of journal.fetched.signedTwice(loss.signedAfter)) {
        if (lost.journalId !== journalId) continue;
        const twice = `The sale was signed before, too, in the journal that was lost: invoice ${lost.invoiceId}. Void one of the two.`;
        journal.feed.append({ ...event, kind: 'repeated', saleId, invoiceId, detail: twice });
      }
    });
  }
}

function certificateOf(base64: string): X509Certificate[] {
  try {
    return [new X509Certificate(Buffer.from(base64, 'base64'))];
  } catch {
    return [];
  }
}
