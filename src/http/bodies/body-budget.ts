/**
 * Whose body it is, and where it comes from.
 * @property who a terminal; a stranger at the terminals' listener; a visitor of another one: an official, or anybody
 * @property address what addresses are counted by
 */
export type BodyHolder =
  | { readonly who: 'terminal'; readonly terminalId: string; readonly address: string }
  | { readonly who: 'stranger' | 'visitor'; readonly address: string };

/** How much of one kind of body may be in flight, in bytes. */
export interface BodyShare {
  readonly total: number;
  /** Of one terminal; null: there are none. */
  readonly ofTerminal: number | null;
  readonly ofAddress: number;
  /** Whether one terminal's and one address's share become less with what is free; see {@link FREE_SHARE_OF_TERMINAL}. */
  readonly leavesRoom: boolean;
}

/** The kinds of bodies, each with a share of its own, so that none takes the room of another: by whose they are, and by length. */
export const BODY_KINDS = ['stranger', 'visitor', 'short', 'middle', 'long'] as const;
export type BodyKind = (typeof BODY_KINDS)[number];
export type BodyShares = Readonly<Record<BodyKind, BodyShare>>;

/** Bytes up to which a body is short: an invoice of a hundred lines. All that strangers send is below it, too. */
export const SHORT_BODY_BYTES_MAX = 32_768;
/**
 * Bytes from which a body is long and worked on aside, one at a time: parsing and reading one of 5 MB takes some 100 ms, so that several at
 * once would keep sales waiting. A chunk of the late door (500 KB at most, unless one invoice is longer) is below it.
 */
export const LONG_BODY_BYTES_MIN = 600_000;

/**
 * Where a share leaves room, a terminal may hold a quarter of what its address has left, and an address a part of what is free for all: then
 * many holders that only announce, or that are slow on purpose, leave room for one more, however little of it
 * (dynamic thresholds: Choudhury and Hahne, 1998).
 */
const FREE_SHARE_OF_TERMINAL = 0.25;

/** Bytes in flight of one kind, by whom. */
class Pool {
  total = 0;
  readonly #of = new Map<string, number>();

  constructor(private readonly share: BodyShare) {}

  /** Takes bytes, or nothing where a bound would be passed. */
  take(holder: BodyHolder, bytes: number): boolean {
    const { total, leavesRoom } = this.share;
    const free = total - this.total - bytes;
    if (free < 0) return false;
    const ofAddress = leavesRoom ? (this.share.ofAddress * free) / total : this.share.ofAddress;
    const byAddress = this.#heldBy(keyOfAddress(holder)) + bytes;
    if (byAddress > ofAddress) return false;
    if (holder.who === 'terminal') {
      const most = this.share.ofTerminal ?? 0;
      const ofTerminal = leavesRoom ? Math.min(most, (ofAddress - byAddress) * FREE_SHARE_OF_TERMINAL) : most;
      if (this.#heldBy(keyOfTerminal(holder)) + bytes > ofTerminal) return false;
    }
    this.#add(holder, bytes);
    return true;
  }

  give(holder: BodyHolder, bytes: number): void {
    this.#add(holder, -bytes);
  }

  #heldBy(key: string): number {
    return this.#of.get(key) ?? 0;
  }

  #add(holder: BodyHolder, bytes: number): void {
    this.total += bytes;
    const keys = [keyOfAddress(holder), ...(holder.who === 'terminal' ? [keyOfTerminal(holder)] : [])];
    for (const key of keys) {
      const held = this.#heldBy(key) + bytes;
      if (held === 0) this.#of.delete(key);
      else this.#of.set(key, held);
    }
  }
}

function keyOfAddress({ address }: BodyHolder): string {
  return `address ${address}`;
}

function keyOfTerminal({ terminalId }: BodyHolder & { readonly who: 'terminal' }): string {
  return `terminal ${terminalId}`;
}

/** What one request holds of the budget, from before its body is read until its work has ended. */
export class BodyReservation {
  #bytes = 0;
  #kind: BodyKind;
  #isReleased = false;
  readonly #afterwards: (() => void)[] = [];

  constructor(
    readonly holder: BodyHolder,
    private readonly pools: Readonly<Record<BodyKind, Pool>>,
  ) {
    this.#kind = kindOf(holder, 0);
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  get kind(): BodyKind {
    return this.#kind;
  }

  /** Takes further bytes: all that were announced, or what came of a body that grows as it comes. @returns false: there is no room */
  grow(bytes: number): boolean {
    if (this.#isReleased) return false;
    const kind = kindOf(this.holder, this.#bytes + bytes);
    const isMoving = kind !== this.#kind;
    if (!this.pools[kind].take(this.holder, isMoving ? this.#bytes + bytes : bytes)) return false;
    if (isMoving) this.pools[this.#kind].give(this.holder, this.#bytes);
    this.#kind = kind;
    this.#bytes += bytes;
    return true;
  }

  /** Gives everything back; a second time nothing happens. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.#bytes > 0) this.pools[this.#kind].give(this.holder, this.#bytes);
    for (const act of this.#afterwards) act();
  }

  /** Does something once it is released; at once, if it is already. */
  afterwards(act: () => void): void {
    if (this.#isReleased) act();
    else this.#afterwards.push(act);
  }
}

function kindOf({ who }: BodyHolder, bytes: number): BodyKind {
  if (who !== 'terminal') return who;
  if (bytes <= SHORT_BODY_BYTES_MAX) return 'short';
  return bytes < LONG_BODY_BYTES_MIN ? 'middle' : 'long';
}

/** The bytes of request bodies that this process has in flight, bounded for all, for each terminal and for each address. */
export class BodyBudget {
  readonly #pools: Readonly<Record<BodyKind, Pool>>;

  constructor(readonly shares: BodyShares) {
    this.#pools = {
      stranger: new Pool(shares.stranger),
      visitor: new Pool(shares.visitor),
      short: new Pool(shares.short),
      middle: new Pool(shares.middle),
      long: new Pool(shares.long),
    };
  }

  /**
   * Takes room for a body, before it is read.
   *
   * @param bytes as announced; 0 for a body that grows as it comes
   * @returns null: there is none, now
   */
  reserve(holder: BodyHolder, bytes: number): BodyReservation | null {
    const reservation = new BodyReservation(holder, this.#pools);
    return reservation.grow(bytes) ? reservation : null;
  }

  /** Bytes in flight of one kind. */
  inFlight(kind: BodyKind): number {
    return this.#pools[kind].total;
  }
}
