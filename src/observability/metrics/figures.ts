/** Prometheus gives a scrape up after ten seconds as a rule; what the database does not say in this time is not known. */
const ANSWER_MS = 2_000;

/** A value that is asked of the database. */
export interface Figure<Value> {
  /** The last answer; null where the database did not give one in time. */
  readonly value: Value | null;
}

interface AskedFigure {
  readonly name: string;
  readonly isKnown: boolean;
  /** Asks again if the last answer is too old. */
  refresh(nowMs: number): Promise<void>;
}

/**
 * Figures that only the database knows. They are asked for when somebody reads the metrics, one after the other on one connection at most, no
 * oftener than each is worth, and never waited for longer than {@link ANSWER_MS}: a database that hangs must not hide what this process knows.
 */
export class Figures {
  readonly #figures: AskedFigure[] = [];
  #round: Promise<void> | undefined;

  /** @param now milliseconds that never go back */
  constructor(
    private readonly answerMs = ANSWER_MS,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * @param name one of a few, for the gauge that tells whether it is known
   * @param keepMs how long an answer is good
   */
  add<Value>(name: string, keepMs: number, ask: () => Promise<Value>): Figure<Value> {
    let value: Value | null = null;
    let askedMs = -Infinity;
    this.#figures.push({
      name,
      get isKnown() {
        return value !== null;
      },
      refresh: async (nowMs) => {
        if (value !== null && nowMs - askedMs < keepMs) return;
        value = null;
        askedMs = nowMs;
        value = await ask();
      },
    });
    return {
      get value() {
        return value;
      },
    };
  }

  list(): readonly Pick<AskedFigure, 'name' | 'isKnown'>[] {
    return this.#figures;
  }

  /** Asks for what is too old. While a round hangs no other is begun: it would only take further connections. Never rejects. */
  async refresh(): Promise<void> {
    this.#round ??= this.#askAll().finally(() => {
      this.#round = undefined;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.answerMs);
    });
    await Promise.race([this.#round, late]);
    clearTimeout(timer);
  }

  async #askAll(): Promise<void> {
    // What fails is told by being unknown; the log has the outage from those who need the database.
    for (const figure of this.#figures) await figure.refresh(this.now()).catch(() => undefined);
  }
}
