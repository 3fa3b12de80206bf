import { randomBytes } from 'node:crypto';
import { type Clock, type Invoice, LIMITS, readEcho } from '@tax-control/protocol';
import type { TrustedAuthorities } from '../enrolment/trusted-authorities.js';
import type { Journal } from '../journal/journal.js';

/** One measurement. `offsetMs`: till's clock minus server's; `at`: till's clock when it was made. */
interface Measurement {
  readonly offsetMs: number;
  readonly at: number;
}

/** 128 bits: no answer of an earlier call fits. */
const NONCE_BYTES = 16;
const MS_PER_SECOND = 1000;
/** A jump of the till's clock against the one that nobody can set, from which on the measurement is no longer true. */
const JUMP_MS_MAX = 1_000;

export function makeNonce(): string {
  return randomBytes(NONCE_BYTES).toString('base64url');
}

/** What is known of the error of the till's clock, by the signed time of an echo; survives a restart. */
export class ClockWatch {
  #last: Measurement | null;
  /** Till's clock minus the one that nobody can set, when the last measurement was made in this process. */
  #drift: number | null = null;

  /** @param authorities whom this till believes */
  constructor(
    private readonly journal: Journal,
    private readonly authorities: Pick<TrustedAuthorities, 'certificates'>,
    private readonly clock: Clock,
    /** When the parameters at hand were published; null: there are none. */
    private readonly publishedAt: () => string | null,
  ) {
    const stored = journal.read(() => journal.settings.get('clock_offset'));
    this.#last = stored === null ? null : (JSON.parse(stored) as Measurement);
  }

  /** As it is written into invoices; null if never measured, or if the clock was set since. */
  get forInvoice(): Pick<Invoice, 'clockOffsetMs' | 'clockOffsetAgeSeconds'> {
    const last = this.#valid();
    if (last === null) return { clockOffsetMs: null, clockOffsetAgeSeconds: null };
    const ageMs = this.clock.now() - last.at;
    return { clockOffsetMs: last.offsetMs, clockOffsetAgeSeconds: Math.floor(ageMs / MS_PER_SECOND) };
  }

  /**
   * A moment that has passed although the clock is before it, milliseconds since 1970; null where none is known, or where the offset is
   * measured, which says more. Needs no server: parameters were published, and invoices signed, before now.
   */
  get behind(): number | null {
    if (this.#valid() !== null) return null;
    const passed = Math.max(this.#passed, Date.parse(this.publishedAt() ?? '') || Number.NEGATIVE_INFINITY);
    return this.clock.now() + LIMITS.clockOffsetMsMax < passed ? passed : null;
  }

  /** The present moment as far as it is known, milliseconds since 1970: the clock's, put right where that is known to be wrong. */
  get moment(): number {
    const now = this.clock.now();
    return this.isWrong ? now - (this.#valid()?.offsetMs ?? 0) : (this.behind ?? now);
  }

  /** An invoice was signed at this {@link moment}: it has passed for all that come after it. Within the transaction of the journal. */
  markPassed(moment: number): void {
    if (moment > this.#passed) this.journal.settings.set('clock_passed', String(moment));
  }

  /** A signed sale has its answer also where the journal can't be read any more. */
  get #passed(): number {
    const stored = this.journal.tryRead(() => this.journal.settings.get('clock_passed'));
    return stored === null ? Number.NEGATIVE_INFINITY : Number(stored);
  }

  /** Whether the last measurement found the clock to be wrong. */
  get isWrong(): boolean {
    return Math.abs(this.#valid()?.offsetMs ?? 0) > LIMITS.clockOffsetMsMax;
  }

  /** Whether a new measurement is due: none of this process yet, too old, or the clock was set since. */
  isDue(ageMsMax: number): boolean {
    const last = this.#valid();
    return last === null || this.#drift === null || this.clock.now() - last.at > ageMsMax;
  }

  /**
   * Takes a signed echo, and returns what the server takes this till for; null when the echo is not to be believed.
   * @param sentAt till's clock when the call was sent: half the way there and back is the server's moment
   */
  take(echoJws: string, nonce: string, sentAt: number): string | null {
    const read = readEcho(echoJws, this.authorities.certificates, nonce);
    if (!read.ok) return null;
    const now = this.clock.now();
    const offsetMs = Math.round((sentAt + now) / 2 - Date.parse(read.echo.time));
    this.#last = { offsetMs, at: now };
    this.#drift = now - this.clock.monotonicMs();
    const text = JSON.stringify(this.#last);
    this.journal.tryTransaction(() => {
      this.journal.settings.set('clock_offset', text);
      // The server's word, also where it is earlier: an invoice may have been signed by a clock that was ahead.
      this.journal.settings.set('clock_passed', String(Date.parse(read.echo.time)));
    });
    return read.echo.standing;
  }

  /** The last measurement, unless the clock was set since: by whoever was told that it is wrong, as often as not. */
  #valid(): Measurement | null {
    if (this.#last === null || this.clock.now() < this.#last.at) return null;
    if (this.#drift === null) return this.#last;
    const jump = Math.abs(this.clock.now() - this.clock.monotonicMs() - this.#drift);
    return jump > JUMP_MS_MAX ? null : this.#last;
  }
}
