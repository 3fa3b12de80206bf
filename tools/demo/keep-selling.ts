import { setTimeout as wait } from 'node:timers/promises';
import type { DemoTill, SalesBook, Sold } from './sales-book.js';

/** Tills that sell one thing after another until they are told to stop. */
export interface BusyTills {
  /** What was sold so far, in order of the answers. */
  readonly sold: readonly Sold[];
  /** Resolves when so many were sold in all, or selling failed. @throws when the demo is interrupted */
  reach(count: number): Promise<void>;
  /** Lets the sales under way end. @throws what went wrong with one */
  stop(): Promise<readonly Sold[]>;
}

/** How often it is looked whether enough was sold. */
const LOOK_MS = 5;

/**
 * @param pauseMs between two sales of one till
 * @param signal ends everything before its time
 * @param onSold told each sale as it is answered
 */
export function keepSelling(
  tills: readonly DemoTill[],
  book: SalesBook,
  pauseMs: number,
  signal: AbortSignal,
  onSold: (sold: Sold) => void = () => {},
): BusyTills {
  const sold: Sold[] = [];
  const stopping = new AbortController();
  const work = Promise.all(
    tills.map(async (till) => {
      while (!stopping.signal.aborted && !signal.aborted) {
        const one = await book.sell(till);
        sold.push(one);
        onSold(one);
        await wait(pauseMs);
      }
    }),
  );
  // Whoever stops the tills hears of a failure; until then it must not end the process.
  const failed = work.then(
    () => false,
    () => true,
  );
  return {
    sold,
    reach: async (count) => {
      while (sold.length < count && !(await Promise.race([failed, wait(LOOK_MS, false)]))) signal.throwIfAborted();
    },
    stop: async () => {
      stopping.abort();
      await work;
      return sold;
    },
  };
}
