import { type InvoiceIdentity, identityKey } from '../ledger/identity.js';
import { LEVELS_MAX, type OriginalFacts, type TakenBack, type TakenPart } from '../ledger/originals.js';

/** What an invoice changes of one original: one of its own, or one further up whose refund it takes back. */
export interface Taking {
  readonly identity: InvoiceIdentity;
  /** Of what is taken from the original, as it is now: money that goes back is negative. */
  readonly total: number;
  readonly before: OriginalFacts;
  readonly after: OriginalFacts;
}

const NOTHING: TakenBack = { sold: 0n, returned: 0n, lines: 0 };

/**
 * What becomes of the originals above an invoice once it is on file, the nearest first: its originals have more taken back from them; where one
 * was a refund itself, it takes back less, and so on upwards; of several originals those count that are sales. A refund of several that is
 * taken back in part takes back less of each of them. SQL's `taken_back` says the same of what is on file.
 *
 * @param original facts of an identity, where they are known
 */
export function takingsOf(
  invoice: OriginalFacts,
  original: (identity: InvoiceIdentity) => OriginalFacts | undefined,
): Taking[] {
  const takings = new Map<string, Taking>();
  let was: OriginalFacts | null = null;
  let taker = invoice;
  for (let level = 0; level < LEVELS_MAX; level += 1) {
    let last: Taking | null = null;
    for (const part of taker.takesBack) {
      const key = identityKey(part.identity);
      const before = takings.get(key)?.after ?? original(part.identity);
      if (before === undefined || before.taxpayerId !== taker.taxpayerId) continue;
      if (part.isOfSeveral && before.kind !== 'sale') continue;
      const after: OriginalFacts = {
        ...before,
        takenBack: changed(before.takenBack, effectOn(before, was, part), effectOn(before, taker, part)),
        voids: before.voids - voidsBy(was) + voidsBy(taker),
      };
      last = { identity: part.identity, total: part.total, before, after };
      takings.set(key, last);
    }
    if (last === null) break;
    was = last.before;
    taker = last.after;
  }
  return [...takings.values()];
}

function changed(sum: TakenBack, less: TakenBack, more: TakenBack): TakenBack {
  return {
    sold: sum.sold - less.sold + more.sold,
    returned: sum.returned - less.returned + more.returned,
    lines: sum.lines - less.lines + more.lines,
  };
}

/** What a refund or void takes back of an original: what its part says, less what was taken back of itself; nothing once it is voided. */
function effectOn(original: OriginalFacts, taker: OriginalFacts | null, { goods }: TakenPart): TakenBack {
  if (taker === null || taker.voids > 0 || taker.currency !== original.currency) return NOTHING;
  const { takenBack } = taker;
  return {
    sold: notNegative(BigInt(goods.returned) - takenBack.returned),
    returned: notNegative(BigInt(goods.sold) - takenBack.sold),
    lines: goods.lines,
  };
}

function voidsBy(taker: OriginalFacts | null): number {
  return taker?.kind === 'void' && taker.voids === 0 ? 1 : 0;
}

function notNegative(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}
