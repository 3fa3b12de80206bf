import type { InvoiceHead } from '@tax-control/protocol';
import { type InvoiceIdentity, identityKey } from '../ledger/identity.js';
import {
  countsInTurnover,
  findChains,
  findOriginals,
  identitiesOfCodes,
  type OriginalFacts,
  originalOfInvoice,
  referredIdentity,
} from '../ledger/originals.js';
import type { Queryable } from '../ledger/queryable.js';
import type { InvoiceFacts } from './judge-warnings.js';
import { type Taking, takingsOf } from './taken-back.js';

/**
 * The originals that a list refers to, on file or in the list itself: an offline sale and its refund come in one list. Used in this
 * order: made, its originals locked, loaded, then for each invoice of the list in turn `factsFor`, `takingsOf` and `add`.
 */
export class OriginalsOfList {
  private facts = new Map<string, OriginalFacts>();
  /** Originals that the list refers to, and those above them. */
  private readonly identities = new Map<string, InvoiceIdentity>();
  /** The original of each refund and void on file above the list, by `identityKey`. */
  private chains = new Map<string, InvoiceIdentity>();

  private constructor(private readonly identitiesByCode: ReadonlyMap<string, InvoiceIdentity>) {}

  /** Finds whom the list refers to. What a code or a reference stands for never changes, so this needs no lock. */
  static async of(client: Queryable, list: readonly InvoiceHead[]): Promise<OriginalsOfList> {
    const codes = list.flatMap(({ reference }) => (reference && 'code' in reference ? [reference.code] : []));
    const originals = new OriginalsOfList(codes.length > 0 ? await identitiesOfCodes(client, codes) : new Map());
    const named = list.map((invoice) => originals.identityOf(invoice)).filter((identity) => identity !== null);
    if (named.length > 0) originals.chains = await findChains(client, named);
    for (const invoice of list)
      for (const identity of originals.above(invoice)) originals.identities.set(identityKey(identity), identity);
    return originals;
  }

  /** What must be locked before an invoice is judged: its journal, its original, and the originals above that. */
  locksFor(invoice: InvoiceHead): readonly string[] {
    return [invoice.journalId, ...this.above(invoice).map(({ invoiceId }) => invoiceId)];
  }

  /** Reads what is on file of them. They must be locked by now. */
  async load(client: Queryable): Promise<void> {
    if (this.identities.size > 0) this.facts = await findOriginals(client, [...this.identities.values()]);
  }

  /** The identity that an invoice refers to, whether on file or not; null if it names none that we know of. */
  identityOf({ reference }: InvoiceHead): InvoiceIdentity | null {
    return referredIdentity(reference, this.identitiesByCode);
  }

  /** What a refund or void is judged by. Another taxpayer's invoice is no original: it is as good as unknown. */
  factsFor(invoice: InvoiceHead): InvoiceFacts['original'] {
    const { kind, type, reference } = invoice;
    if (kind === 'sale' || !countsInTurnover(type) || reference === undefined || 'reason' in reference) return null;
    const identity = this.identityOf(invoice);
    const original = identity && this.facts.get(identityKey(identity));
    return original?.taxpayerId === invoice.taxpayerId ? original : 'unknown';
  }

  /** What the invoice takes back, if it counts in turnover: of its original and, where that is a refund or void itself, of those above. */
  takingsOf(invoice: InvoiceHead): readonly Taking[] {
    if (invoice.kind === 'sale' || this.identities.size === 0) return [];
    const facts = originalOfInvoice(invoice, this.identityOf(invoice));
    return takingsOf(facts, (identity) => this.facts.get(identityKey(identity)));
  }

  /** Takes a judged invoice in: as an original for those behind it, and as taking back from the originals above it. */
  add(invoice: InvoiceHead, takings: readonly Taking[]): void {
    if (this.identities.size === 0) return;
    const own = originalOfInvoice(invoice, this.identityOf(invoice));
    this.facts.set(identityKey({ terminalId: invoice.terminalId, invoiceId: invoice.id }), own);
    for (const { taker, after } of takings)
      if (taker.takesBackFrom !== null) this.facts.set(identityKey(taker.takesBackFrom), after);
  }

  /** The original of an invoice and, where that is a refund or void on file, its original, and so on. */
  private above(invoice: InvoiceHead): InvoiceIdentity[] {
    const found = new Map<string, InvoiceIdentity>();
    let identity = this.identityOf(invoice);
    while (identity !== null && !found.has(identityKey(identity))) {
      found.set(identityKey(identity), identity);
      identity = this.chains.get(identityKey(identity)) ?? null;
    }
    return [...found.values()];
  }
}
