import type { Random } from '../simulator/random.js';
import type { FaultKind, PlannedFault } from './fault.js';
import type { Size } from './size.js';

/** Tills sell for a moment before the first fault. */
const FIRST_AT_MS = 2_000;
/** Between the beginnings of two faults: some are there at the same time, and there are moments without any. */
const GAP_MS = [400, 3_200] as const;
/** After a fault, what it has broken needs a moment until it is whole. */
const HEALING_MS = 1_500;
/** A kind whose parts are broken already makes way for the next one of the deck; after so many nothing is drawn at that moment. */
const CARDS_TRIED = 12;

/**
 * Draws the faults of a run: the same random, kinds, size and time draw the same ones. Every kind comes about equally often, by
 * its share, and none breaks a part that another one has broken.
 * @param lastsMs from the first sale to the last fault's end
 */
export function drawSchedule(random: Random, kinds: readonly FaultKind[], size: Size, lastsMs: number): PlannedFault[] {
  const deck = new Deck(random.fork('deck'), kinds);
  const busyUntil = new Map<string, number>();
  const schedule: PlannedFault[] = [];
  const moments = random.fork('moments');
  for (let atMs = FIRST_AT_MS; atMs < lastsMs; atMs += moments.whole(...GAP_MS)) {
    const id = schedule.length + 1;
    const fault = drawFault(random.fork('fault', id), deck, { id, atMs, size, busyUntil });
    if (fault === null || atMs + fault.forMs > lastsMs) continue;
    for (const part of fault.holds) busyUntil.set(part, atMs + fault.forMs + HEALING_MS);
    schedule.push(fault);
  }
  return schedule;
}

interface Moment {
  readonly id: number;
  readonly atMs: number;
  readonly size: Size;
  readonly busyUntil: ReadonlyMap<string, number>;
}

function drawFault(random: Random, deck: Deck, { id, atMs, size, busyUntil }: Moment): PlannedFault | null {
  for (let tried = 1; tried <= CARDS_TRIED; tried += 1) {
    const kind = deck.take();
    if (kind === null) return null;
    const draw = random.fork(kind.name, tried);
    const aim = kind.aim(draw, size);
    if (aim.holds.every((part) => (busyUntil.get(part) ?? 0) <= atMs))
      return { id, kind: kind.name, atMs, forMs: draw.whole(...kind.lasts), ...aim };
    deck.putBack(kind);
  }
  return null;
}

/** Cards of kinds, shuffled anew when all were taken. */
class Deck {
  #cards: FaultKind[] = [];
  readonly #taken = new Map<FaultKind, number>();

  constructor(
    private readonly random: Random,
    private readonly kinds: readonly FaultKind[],
  ) {}

  /** @returns null when no kind may come again */
  take(): FaultKind | null {
    for (let filled = false; ; filled = true) {
      for (let card = this.#cards.shift(); card !== undefined; card = this.#cards.shift()) {
        if ((this.#taken.get(card) ?? 0) >= (card.most ?? Infinity)) continue;
        this.#taken.set(card, (this.#taken.get(card) ?? 0) + 1);
        return card;
      }
      if (filled) return null;
      this.#fill();
    }
  }

  putBack(kind: FaultKind): void {
    this.#taken.set(kind, (this.#taken.get(kind) ?? 1) - 1);
    this.#cards.push(kind);
  }

  #fill(): void {
    const cards = this.kinds.flatMap((kind) => Array.from({ length: kind.share ?? 1 }, () => kind));
    while (cards.length > 0) this.#cards.push(...cards.splice(this.random.whole(0, cards.length - 1), 1));
  }
}
