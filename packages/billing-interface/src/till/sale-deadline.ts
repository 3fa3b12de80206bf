import type { Clock } from '@tax-control/protocol';

/** What writing the outcome takes on a slow disk: kept back from the deadline, so that the MIS has its answer in time. */
const WRITING_MS = 40;

/** The time that one signed sale has for its way to the server. It begins when this is made; who makes it must stop it. */
export class SaleDeadline {
  /** Resolves when the time is over, unless it was stopped before. */
  readonly over: Promise<void>;
  /** Point of the monotonic clock at which the MIS must have its answer, less what writing it takes. */
  readonly sendBy: number;
  readonly #began: number;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param at point of the monotonic clock at which the MIS must have its answer */
  constructor(
    private readonly clock: Clock,
    readonly at: number,
  ) {
    this.#began = clock.monotonicMs();
    this.sendBy = at - WRITING_MS;
    this.over = new Promise((resolve) => {
      this.#timer = setTimeout(
        () => {
          this.#isOver = true;
          resolve();
        },
        Math.max(0, this.sendBy - this.#began),
      );
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whole milliseconds since it began: how long the sale has waited for its outcome, whatever for. */
  get waitedMs(): number {
    return Math.round(this.clock.monotonicMs() - this.#began);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
