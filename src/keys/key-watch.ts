import type { KeyRing } from './key-ring.js';

/**
 * Between two looks at the files, milliseconds. Keys are taken when two looks found the same: so within four seconds on every instance,
 * and never while somebody is still copying. A look is some twenty calls of stat.
 */
export const LOOK_INTERVAL_MS = 2_000;

/** Hears what became of keys that were changed. */
export interface KeyChangeHearer {
  /** Other keys are in use now. */
  taken(): void;
  /** The keys as they lie there don't fit; those in use stay. Told once for each state of the files. */
  refused(error: unknown): void;
  /** After a refusal: what lies there is what is in use again. */
  mended(): void;
}

/** Sees to it that a ring follows its files: by looking at them, and when it is told to. */
export class KeyWatch {
  /** Empty: what the ring read before there was a watch is compared once more. */
  #taken = '';
  #seen: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ring: KeyRing,
    private readonly hearer: KeyChangeHearer,
  ) {
    this.#seen = ring.look();
  }

  start(intervalMs = LOOK_INTERVAL_MS): void {
    this.#timer = setInterval(() => this.look(), intervalMs).unref();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  /** Takes what has changed, if it was the same at the last look. */
  look(): void {
    const seen = this.ring.look();
    const isStill = seen === this.#seen;
    this.#seen = seen;
    if (isStill && seen !== this.#taken) this.reload();
  }

  /** Takes what there is, at once. */
  reload(): void {
    // Looked at before it is read: what changes meanwhile is seen as a change at the next look.
    this.#taken = this.#seen = this.ring.look();
    const wasRefused = this.ring.refusal !== null;
    try {
      if (this.ring.reload()) this.hearer.taken();
      else if (wasRefused) this.hearer.mended();
    } catch (error) {
      this.hearer.refused(error);
    }
  }
}
