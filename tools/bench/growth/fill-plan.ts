/** Copies of the whole set of tills: with 32 tills 2,016 terminals, each with one journal. */
export const SHOPS = 63;
/** As the fleet that `docs/operating/sizing.md` reckons with sells. */
const SALES_PER_DAY = 200;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** Rows that one statement writes: a second of work at most, so that progress shows and an interrupt is heard. */
const CHUNK_ROWS = 12_000;

export interface FillPlan {
  /** Invoices that are filled in. */
  readonly filled: number;
  /** Milliseconds from one sale of the fleet to the next. */
  readonly stepMs: number;
  readonly chunks: readonly FillChunk[];
}

/**
 * Invoices that one statement makes: of each base invoice from `from` to `to` (exclusive, by its place) one for each shop, in the order of time.
 *
 * @property round how often all base invoices were copied before
 * @property first how many invoices were filled in before this chunk
 * @property count fewer than a whole chunk makes in the last one
 */
export interface FillChunk {
  readonly round: number;
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly count: number;
}

/**
 * Divides what is to be filled in: round after round of all base invoices, so that every journal grows with the time.
 *
 * @param base base invoices, at least one
 */
export function planFill(filled: number, base: number, tills: number): FillPlan {
  const chunks: FillChunk[] = [];
  const places = Math.max(1, Math.floor(CHUNK_ROWS / SHOPS));
  let [round, from, first] = [0, 0, 0];
  while (first < filled) {
    const to = Math.min(base, from + places);
    const count = Math.min((to - from) * SHOPS, filled - first);
    chunks.push({ round, from, to, first, count });
    first += count;
    [round, from] = to === base ? [round + 1, 0] : [round, to];
  }
  return { filled, stepMs: DAY_MS / (SALES_PER_DAY * SHOPS * tills), chunks };
}
