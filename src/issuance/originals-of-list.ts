import type { InvoiceHead } from '@tax-control/protocol';
import { type InvoiceIdentity, identityKey } from '../ledger/identity.js';
import {
  countsInTurnover,
  findOriginals,
  identitiesOfCodes,
  type OriginalFacts,
  originalOfInvoice,
  referredIdentity,
} from '../ledger/originals.js';
import type { Queryable } from '../ledger/queryable.js';
import type { InvoiceFacts } from './judge-warnings.js';

/**
 * The originals that a list refers to, on file or in the list itself: an offline sale and its refund come in one list. Used in this
 * order: made, its originals locked, loaded, then for each invoice of the list in turn `of` and `add`.
 */
export class OriginalsOfList {
  private facts = new Map<string, OriginalFacts>();

  /** Originals that the list refers to, without repetition. */
  readonly identities: readonly InvoiceIdentity[];

  private constructor(
    list: readonly InvoiceHead[],
    private readonly identitiesByCode: ReadonlyMap<string, InvoiceIdentity>,
  ) {
    const named = list.map((invoice) => this.identityOf(invoice)).filter((identity) => identity !== null);
    this.identities = [...new Map(named.map((identity) => [identityKey(identity), identity])).values()];
  }

  /** Finds whom the list refers to. What a code stands for never changes, so this needs no lock. */
  static async of(client: Queryable, list: readonly InvoiceHead[]): Promise<OriginalsOfList> {
    const codes = list.flatMap(({ reference }) => (reference && 'code' in reference ? [reference.code] : []));
    return new OriginalsOfList(list, codes.length > 0 ? await identitiesOfCodes(client, codes) : new Map());
  }

  /** What must be locked before an invoice is judged: its journal, and its original if it names one. */
  locksFor(invoice: InvoiceHead): readonly string[] {
    const original = this.identityOf(invoice);
    return original === null ? [invoice.journalId] : [invoice.journalId, original.invoiceId];
  }

  /** Reads what is on file of them. They must be locked by now. */
  async load(client: Queryable): Promise<void> {
    if (this.identities.length > 0) this.facts = await findOriginals(client, this.identities);
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

  /** Takes a judged invoice in: as an original for those behind it, and as taking back from its own original. */
  add(invoice: InvoiceHead): void {
    if (this.identities.length === 0) return;
    this.facts.set(identityKey({ terminalId: invoice.terminalId, invoiceId: invoice.id }), originalOfInvoice(invoice));
    const identity = this.identityOf(invoice);
    const original = identity && this.facts.get(identityKey(identity));
    if (!identity || !original || invoice.kind === 'sale' || !countsInTurnover(invoice.type)) return;
    const amount = invoice.currency === original.currency ? BigInt(Math.abs(invoice.total)) : 0n;
    this.facts.set(identityKey(identity), {
      ...original,
      takenBack: original.takenBack + amount,
      voided: original.voided || invoice.kind === 'void',
    });
  }
}
