/** Named facts of an event. No personal data, no keys, no invoice content: logs are read by more people than the ledger. */
export type Facts = Readonly<Record<string, string | number | boolean | null | undefined | object>>;

/**
 * The process's log: one JSON line an event on standard output. `event` is a sentence that does not vary; what varies
 * goes into the facts. `cause` is written without the values that database errors quote.
 */
export abstract class Log {
  /** Whether debug lines are written at all: what is said at every request is not even made where they are not. */
  abstract readonly tellsDebug: boolean;
  abstract debug(event: string, facts?: Facts): void;
  abstract info(event: string, facts?: Facts): void;
  abstract warn(event: string, facts?: Facts, cause?: unknown): void;
  abstract error(event: string, facts?: Facts, cause?: unknown): void;
}
