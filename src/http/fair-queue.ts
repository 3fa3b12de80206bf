interface Waiting<Item> {
  readonly item: Item;
  readonly weight: number;
}

/** What one holder has waiting, and how much of it may go before the next holder's turn. */
interface Lane<Item> {
  readonly waiting: Waiting<Item>[];
  credit: number;
}

/**
 * Items that wait, taken in turn by holder (a terminal) and not in the order of their coming, so that a holder with much to do
 * delays nobody else (deficit round robin: Shreedhar and Varghese, 1995). In each round a holder may take `quantum` of weight; what is
 * heavier waits for several rounds, in which the others go on.
 */
export class FairQueue<Item> {
  /** In the order of their turns. */
  readonly #lanes = new Map<string, Lane<Item>>();
  #length = 0;

  /** @param quantum weight of a usual item: then each holder takes one in its turn */
  constructor(private readonly quantum: number) {}

  get length(): number {
    return this.#length;
  }

  push(holder: string, weight: number, item: Item): void {
    const lane = this.#lanes.get(holder);
    if (lane === undefined) this.#lanes.set(holder, { waiting: [{ item, weight }], credit: this.quantum });
    else lane.waiting.push({ item, weight });
    this.#length += 1;
  }

  /** The item whose turn it is, without taking it. */
  peek(): Item | undefined {
    return this.#next()?.[1].waiting[0]?.item;
  }

  /** Takes the item whose turn it is. */
  take(): Item | undefined {
    const next = this.#next();
    if (next === undefined) return undefined;
    const [holder, lane] = next;
    const first = lane.waiting.shift();
    if (first === undefined) return undefined;
    lane.credit -= first.weight;
    this.#length -= 1;
    // Who has nothing waiting saves nothing for later.
    if (lane.waiting.length === 0) this.#lanes.delete(holder);
    return first.item;
  }

  /** Takes an item out of turn, because nobody waits for it any more. */
  remove(holder: string, item: Item): boolean {
    const lane = this.#lanes.get(holder);
    const index = lane?.waiting.findIndex((waiting) => waiting.item === item) ?? -1;
    if (lane === undefined || index < 0) return false;
    lane.waiting.splice(index, 1);
    this.#length -= 1;
    if (lane.waiting.length === 0) this.#lanes.delete(holder);
    return true;
  }

  /** Passes the turn on until a holder has saved enough for what it has waiting. */
  #next(): [string, Lane<Item>] | undefined {
    for (;;) {
      const [next] = this.#lanes;
      if (next === undefined) return undefined;
      const [holder, lane] = next;
      const weight = lane.waiting[0]?.weight ?? 0;
      if (lane.credit >= weight) return next;
      this.#lanes.delete(holder);
      this.#lanes.set(holder, lane);
      // Alone, it need not save: nobody waits for its rounds.
      lane.credit += this.#lanes.size === 1 ? Math.max(this.quantum, weight - lane.credit) : this.quantum;
    }
  }
}
