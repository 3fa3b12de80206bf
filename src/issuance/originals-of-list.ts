import { type Goods, type InvoiceHead, originalsOf } from '@tax-control/protocol';
import { type InvoiceIdentity, identityKey } from '../ledger/identity.js';
import {
  countsInTurnover,
  findChains,
  findOriginals,
  findTakenBefore,
  identitiesOfCodes,
  identityOfOriginal,
  type OriginalFacts,
  originalOfInvoice,
  type TakenPart,
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
  /** Of invoices of the list to which it refers itself: what came before their original, by another till or by an earlier list. */
  private takenBefore: ReadonlyMap<string, Pick<OriginalFacts, 'takenBack' | 'voids'>> = new Map();
  /** Originals that the list refers to, and those above them. */
  private readonly identities = new Map<string, InvoiceIdentity>();
  /** The originals of each refund and void on file above the list, by `identityKey`. */
  private chains: ReadonlyMap<string, readonly InvoiceIdentity[]> = new Map();

  private constructor(
    private readonly identitiesByCode: ReadonlyMap<string, InvoiceIdentity>,
    private readonly list: readonly InvoiceHead[],
  ) {}

  /** Finds whom the list refers to. What a code or a reference stands for never changes, so this needs no lock. */
  static async of(client: Queryable, list: readonly InvoiceHead[]): Promise<OriginalsOfList> {
    const codes = list
      .flatMap(({ reference }) => originalsOf(reference))
      .flatMap((original) => ('code' in original ? [original.code] : []));
    const ofCodes = codes.length > 0 ? await identitiesOfCodes(client, codes) : new Map<string, InvoiceIdentity>();
    const originals = new OriginalsOfList(ofCodes, list);
    const alone = list.map((invoice) => originals.referenceOf(invoice)).filter((identity) => identity !== null);
    if (alone.length > 0) originals.chains = await findChains(client, alone);
    for (const invoice of list)
      for (const identity of originals.above(invoice)) originals.identities.set(identityKey(identity), identity);
    return originals;
  }

  /** What must be locked before an invoice is judged: its journal, its originals, and the originals above those. */
  locksFor(invoice: InvoiceHead): readonly string[] {
    return [invoice.journalId, ...this.above(invoice).map(({ invoiceId }) => invoiceId)];
  }

  /** Reads what is on file of them. They must be locked by now. */
  async load(client: Queryable): Promise<void> {
    if (this.identities.size === 0) return;
    const own = this.list.filter((invoice) => this.identities.has(keyOf(invoice)));
    const none = new Map<string, never>();
    [this.facts, this.takenBefore] = await Promise.all([
      findOriginals(client, [...this.identities.values()]),
      own.length === 0 ? none : findTakenBefore(client, own),
    ]);
  }

  /** What the invoice takes back of each original of which the identity is known, on file or not. Two names of one original are one. */
  partsOf({ parts, total }: InvoiceHead): TakenPart[] {
    const found = new Map<string, TakenPart>();
    for (const { original, goods } of parts) {
      const identity = identityOfOriginal(original, this.identitiesByCode);
      if (identity === null) continue;
      const other = found.get(identityKey(identity));
      found.set(identityKey(identity), {
        identity,
        isOfSeveral: parts.length > 1,
        total,
        goods: other === undefined ? goods : together(other.goods, goods),
      });
    }
    return [...found.values()];
  }

  /** The identity that the ledger's own columns name: of a reference to one original, whatever the kind of the invoice. */
  referenceOf(invoice: InvoiceHead): InvoiceIdentity | null {
    const [only, more] = originalsOf(invoice.reference);
    return only === undefined || more !== undefined ? null : identityOfOriginal(only, this.identitiesByCode);
  }

  /** What a refund or void is judged by, for each of its parts. Another taxpayer's invoice is no original, and of several no refund: as good as unknown. */
  factsFor({ type, taxpayerId, parts }: InvoiceHead): InvoiceFacts['originals'] {
    if (!countsInTurnover(type)) return [];
    return parts.map(({ original: name }) => {
      const identity = identityOfOriginal(name, this.identitiesByCode);
      const original = identity && this.facts.get(identityKey(identity));
      const isOriginal = original?.taxpayerId === taxpayerId && (parts.length === 1 || original.kind === 'sale');
      return isOriginal ? original : 'unknown';
    });
  }

  /** What the invoice takes back, if it counts in turnover: of its originals and, where one is a refund or void itself, of those above. */
  takingsOf(invoice: InvoiceHead): readonly Taking[] {
    if (invoice.kind === 'sale' || this.identities.size === 0) return [];
    const facts = originalOfInvoice(invoice, this.partsOf(invoice));
    return takingsOf(facts, (identity) => this.facts.get(identityKey(identity)));
  }

  /** Takes a judged invoice in: as an original for those behind it, and as taking back from the originals above it. */
  add(invoice: InvoiceHead, takings: readonly Taking[]): void {
    if (this.identities.size === 0) return;
    const key = keyOf(invoice);
    this.facts.set(key, { ...originalOfInvoice(invoice, this.partsOf(invoice)), ...this.takenBefore.get(key) });
    for (const { identity, after } of takings) this.facts.set(identityKey(identity), after);
  }

  private named({ reference }: InvoiceHead): InvoiceIdentity[] {
    return originalsOf(reference)
      .map((original) => identityOfOriginal(original, this.identitiesByCode))
      .filter((identity) => identity !== null);
  }

  /** The originals of an invoice and, where one is a refund or void on file, its originals, and so on. */
  private above(invoice: InvoiceHead): InvoiceIdentity[] {
    const found = new Map<string, InvoiceIdentity>();
    let originals: readonly InvoiceIdentity[] = this.named(invoice);
    while (originals.some((identity) => !found.has(identityKey(identity)))) {
      for (const identity of originals) found.set(identityKey(identity), identity);
      originals = originals.flatMap((identity) => this.chains.get(identityKey(identity)) ?? []);
    }
    return [...found.values()];
  }
}

function keyOf({ terminalId, id: invoiceId }: InvoiceHead): string {
  return identityKey({ terminalId, invoiceId });
}

function together(one: Goods, other: Goods): Goods {
  return {
    sold: one.sold + other.sold,
    returned: one.returned + other.returned,
    lines: one.lines + other.lines,
    isExact: one.isExact && other.isExact,
  };
}
