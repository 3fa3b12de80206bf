import { EventEmitter, once } from 'node:events';

/** Tells what waits that the agent stops, and the agent when its last request was answered. */
export class Stopping {
  private readonly waiting = new Set<() => void>();
  private readonly changes = new EventEmitter();
  private begun = false;
  private active = 0;

  get hasBegun(): boolean {
    return this.begun;
  }

  begin(): void {
    this.begun = true;
    for (const wake of this.waiting) wake();
  }

  /** A request has arrived whole and is worked on, until `leave`. */
  enter(): void {
    this.active += 1;
  }

  leave(): void {
    this.active -= 1;
    if (this.active === 0) this.changes.emit('idle');
  }

  /** Resolves when no request is worked on, or the signal is aborted. */
  async idle(signal: AbortSignal): Promise<void> {
    if (this.active === 0 || signal.aborted) return;
    await once(this.changes, 'idle', { signal }).catch(() => undefined);
  }

  /** What the promise gives, or `otherwise` as soon as the agent stops. Keeps nothing once it is settled. */
  async orElse<T>(promise: Promise<T>, otherwise: T): Promise<T> {
    if (this.begun) return otherwise;
    let wake = (): void => undefined;
    const stopped = new Promise<T>((resolve) => {
      wake = () => resolve(otherwise);
    });
    this.waiting.add(wake);
    try {
      return await Promise.race([promise, stopped]);
    } finally {
      this.waiting.delete(wake);
    }
  }
}
