import type { LogEntry } from '@tax-control/protocol';
import { sqlFailure } from '../../database/sql-failure.js';
import type { OwnedEntry } from './log-entry-store.js';

/** Entries of one transaction: ten full uploads, some 100 ms. */
const LIST_ENTRIES_MAX = 5_000;
/** Entries that wait, 1 KB each: more would wait longer than a till does. */
const QUEUE_ENTRIES_MAX = 100_000;

type Store = (list: readonly OwnedEntry[]) => Promise<readonly { terminalId: string; entryId: string }[]>;

interface Waiter {
  readonly terminalId: string;
  readonly entries: readonly LogEntry[];
  readonly resolve: (added: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers uploads into lists: what comes in while one is stored is the next. Every upload adds to the sums of the present hour, so two at
 * once would only wait for each other's locks; one at a time carries them all in one commit.
 */
export class UploadLists {
  #waiting: Waiter[] = [];
  #waitingEntries = 0;
  #isRunning = false;

  constructor(private readonly store: Store) {}

  /**
   * Stores the entries of one upload.
   *
   * @returns once they are committed, how many were new; null when the queue is full and nothing was done
   * @throws what the database said of the list it went in, or, where a row was refused, of this upload alone
   */
  async submit(terminalId: string, entries: readonly LogEntry[]): Promise<number | null> {
    if (this.#waitingEntries > QUEUE_ENTRIES_MAX) return null;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ terminalId, entries, resolve, reject });
      this.#waitingEntries += entries.length;
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) await this.#storeList(this.#takeList());
    this.#isRunning = false;
  }

  #takeList(): readonly Waiter[] {
    let size = 0;
    let length = 0;
    for (const { entries } of this.#waiting) {
      size += entries.length;
      if (length > 0 && size > LIST_ENTRIES_MAX) break;
      length += 1;
    }
    const list = this.#waiting.splice(0, length);
    for (const { entries } of list) this.#waitingEntries -= entries.length;
    return list;
  }

  /** A row that the database refuses fails its own upload, not its neighbours'. */
  async #storeList(list: readonly Waiter[]): Promise<void> {
    try {
      const owned = list.flatMap(({ terminalId, entries }) => entries.map((entry) => ({ terminalId, entry })));
      const added = new Set((await this.store(owned)).map(({ terminalId, entryId }) => `${terminalId} ${entryId}`));
      for (const { terminalId, entries, resolve } of list) {
        // An entry that two uploads bring is new in the first.
        resolve(entries.filter(({ id }) => added.delete(`${terminalId} ${id.toLowerCase()}`)).length);
      }
    } catch (error) {
      if (list.length === 1 || sqlFailure(error).kind !== 'refused_row') {
        for (const { reject } of list) reject(error);
      } else {
        for (const one of list) await this.#storeList([one]);
      }
    }
  }
}
