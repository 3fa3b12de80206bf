/**
 * A session gave no answer in time, before anything was committed in it: its process at the database hangs, or the line to it is dead.
 * The same work may run again in another session.
 */
export class SessionSilent extends Error {
  override readonly name = 'SessionSilent';

  constructor(waitedMs: number) {
    super(`a session of the database gave no answer within ${waitedMs} ms`);
  }
}

/**
 * Counts the sessions that were dropped because they were silent. PostgreSQL does not notice that we dropped one whose process hangs: it
 * keeps the process, and one of its `max_connections`. If sessions hang alone, the next one answers, and a dropped one may be replaced at
 * once. If all hang (a disk that stalls), each new one would hang too: then no more are dropped than a pool has, until one answers.
 */
export class SilentSessions {
  #inARow = 0;

  /** @param inARowMax sessions that may be dropped before another one has answered */
  constructor(private readonly inARowMax: number) {}

  /** Whether one more may be dropped now; then it counts. */
  mayDrop(): boolean {
    if (this.#inARow >= this.inARowMax) return false;
    this.#inARow += 1;
    return true;
  }

  answered(): void {
    this.#inARow = 0;
  }
}
