import { type AttemptOutcome, Clock, type Door, type ProblemCode } from '@tax-control/protocol';
import { Injectable } from '@nestjs/common';

/**
 * What the server saw of an attempt that ended without a code.
 * @property attemptId of the till's log entry, under which it will tell of the same attempt
 * @property atMs server's clock, milliseconds since 1970
 * @property outcome as the till will call it
 */
export interface ServerEvent {
  readonly terminalId: string;
  readonly attemptId: string;
  readonly atMs: number;
  readonly door: Door;
  readonly outcome: Exclude<AttemptOutcome, 'issued' | 'already_issued' | 'not_tried' | 'repeated'>;
  readonly cause: ProblemCode;
}

/** An attempt that was turned away just now; `attemptId` is null where the till named none. */
export type TurnedAway = Omit<ServerEvent, 'atMs' | 'attemptId'> & { readonly attemptId: string | null };

/** Events kept until they are written down, within seconds: a fleet of 20,000 tills turned away at once, each once. 4 MB. */
const EVENTS_MAX = 20_000;
/** Of one terminal: a full list at the late door. One that knocks without end must not take the place of the others. */
const EVENTS_OF_TERMINAL_MAX = 500;

/**
 * Of one terminal in a day and at this instance: what a lane sells in a week. Each is a row of 200 bytes for ever, under an id that
 * the till chooses.
 */
const EVENTS_OF_TERMINAL_A_DAY_MAX = 10_000;
/** Terminals whose events of the day are counted: twice a fleet of 20,000. */
const TERMINALS_MAX = 40_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Where the doors drop what they turned away. Costs them nothing but this: no waiting, no database, no failure; and nothing at all for an
 * invoice that is issued. Log analytics takes it from here and writes it down.
 */
@Injectable()
export class ServerEvents {
  #events: ServerEvent[] = [];
  readonly #countOf = new Map<string, number>();
  #lost = 0;
  readonly #ofDay = new Map<string, number>();
  #day = 0;

  constructor(private readonly clock: Clock) {}

  /** @returns false when nothing is kept: the till named no attempt, or there is no room and the event is lost */
  record({ attemptId, ...event }: TurnedAway): boolean {
    if (attemptId === null) return false;
    const ofTerminal = this.#countOf.get(event.terminalId) ?? 0;
    const ofDay = this.#countOfDay(event.terminalId);
    if (
      this.#events.length >= EVENTS_MAX ||
      ofTerminal >= EVENTS_OF_TERMINAL_MAX ||
      ofDay >= EVENTS_OF_TERMINAL_A_DAY_MAX
    ) {
      this.#lost += 1;
      return false;
    }
    this.#ofDay.set(event.terminalId, ofDay + 1);
    this.#countOf.set(event.terminalId, ofTerminal + 1);
    this.#events.push({ ...event, attemptId, atMs: this.clock.now() });
    return true;
  }

  #countOfDay(terminalId: string): number {
    const day = Math.floor(this.clock.now() / DAY_MS);
    if (day !== this.#day || this.#ofDay.size > TERMINALS_MAX) this.#ofDay.clear();
    this.#day = day;
    return this.#ofDay.get(terminalId) ?? 0;
  }

  /** Everything so far, which is forgotten here, and how many were lost since the last time. */
  take(): { readonly events: readonly ServerEvent[]; readonly lost: number } {
    const taken = { events: this.#events, lost: this.#lost };
    this.#events = [];
    this.#countOf.clear();
    this.#lost = 0;
    return taken;
  }
}
