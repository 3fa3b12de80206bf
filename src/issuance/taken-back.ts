import { type InvoiceIdentity, identityKey } from '../ledger/identity.js';
import { LEVELS_MAX, type OriginalFacts, type TakenBack } from '../ledger/originals.js';

/** What an invoice changes of one original: its own, or one further up whose refund it takes back. */
export interface Taking {
  /** The invoice that takes from the original, as it is now. */
  readonly taker: OriginalFacts;
  readonly before: OriginalFacts;
  readonly after: OriginalFacts;
}

const NOTHING: TakenBack = { sold: 0n, returned: 0n, lines: 0 };

/**
 * What becomes of the originals above an invoice once it is on file, the nearest first: its original has more taken back from it; where that was a
 * refund itself, it takes back less, and so on upwards. SQL's `taken_back` says the same of what is on file.
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
  for (let level = 0; level < LEVELS_MAX && taker.takesBackFrom !== null; level += 1) {
    const key = identityKey(taker.takesBackFrom);
    const before = takings.get(key)?.after ?? original(taker.takesBackFrom);
    if (before === undefined || before.taxpayerId !== taker.taxpayerId) break;
    const after: OriginalFacts = {
      ...before,
      takenBack: changed(before.takenBack, effectOn(before, was), effectOn(before, taker)),
      voids: before.voids - voidsBy(was) + voidsBy(taker),
    };
    takings.set(key, { taker, before, after });
    was = before;
    taker = after;
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

/** What a refund or void takes back of its original: what it says, less what was taken back of itself; nothing once it is voided. */
function effectOn(original: OriginalFacts, taker: OriginalFacts | null): TakenBack {
  if (taker === null || taker.voids > 0 || taker.currency !== original.currency) return NOTHING;
  const { goods, takenBack } = taker;
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
