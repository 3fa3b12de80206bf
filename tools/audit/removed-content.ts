import type { Snapshot } from './snapshot.js';
import type { LedgerRow } from './stored-invoice.js';
import type { Tally } from './verdict.js';

interface RemovalRow {
  readonly month: string;
  readonly removed_at: Date;
}

interface HoldRow {
  readonly taxpayer_id: string;
  readonly placed_at: Date;
  readonly released_at: Date | null;
}

/** What retention says that it removed, and what it had to leave. */
export class RemovedContent {
  readonly #removals = new Map<string, Date[]>();
  readonly #noted = new Map<string, number>();
  readonly #holds: readonly HoldRow[];

  constructor(removals: readonly RemovalRow[], holds: readonly HoldRow[]) {
    this.#holds = holds;
    for (const { month, removed_at: at } of removals)
      this.#removals.set(month, [...(this.#removals.get(month) ?? []), at]);
  }

  /** Judges an invoice without content: gone by right, or lost. */
  judge(row: LedgerRow, name: string, pairs: Tally): void {
    const month = monthOf(row);
    if (this.isRemoved(row)) this.#noted.set(month, (this.#noted.get(month) ?? 0) + 1);
    else if (this.#removals.has(month))
      pairs.find(
        `${name} has no content, though taxpayer ${row.taxpayer_id} was under a legal hold when ${month} was removed.`,
      );
    else pairs.find(`${name} has no content, and no retention removed that of ${month}.`);
  }

  /** Whether retention could remove an invoice's content by right; its tax is kept beside the ledger then. */
  isRemoved(row: LedgerRow): boolean {
    const removals = this.#removals.get(monthOf(row)) ?? [];
    return removals.some((at) => !this.#isHeld(row.taxpayer_id, at));
  }

  /** A note for each month, so that nobody takes what was removed for checked. */
  note(pairs: Tally): void {
    for (const [month, count] of this.#noted)
      pairs.note(
        `${count} invoices of ${month} have no content: retention removed it. Receipts and codes were checked.`,
      );
  }

  #isHeld(taxpayerId: string, at: Date): boolean {
    return this.#holds.some(
      ({ taxpayer_id, placed_at, released_at }) =>
        taxpayer_id === taxpayerId && placed_at <= at && (released_at === null || released_at > at),
    );
  }
}

function monthOf({ registered_at: at }: LedgerRow): string {
  return at.toISOString().slice(0, 'YYYY-MM'.length);
}

export async function readRemovedContent(snapshot: Snapshot): Promise<RemovedContent> {
  const removals = await snapshot.query<RemovalRow>(
    `SELECT to_char(month, 'YYYY-MM') AS month, removed_at FROM removed_content`,
  );
  return new RemovedContent(
    removals,
    await snapshot.query<HoldRow>('SELECT taxpayer_id, placed_at, released_at FROM legal_hold'),
  );
}
