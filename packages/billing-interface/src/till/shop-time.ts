import { isTimeZone, timeZoneOf } from '@tax-control/protocol';
import type { TillTimeZone } from '../api.js';
import { localTime } from '../clock.js';
import type { ParameterShelf } from '../parameters/parameter-shelf.js';

const DATE_LENGTH = '2026-11-22'.length;

/**
 * The time of day in the shop. Its zone is that of the till's configuration, else that of its premises in the signed parameters, else
 * that of the computer, on which nobody should rely: a computer without a zone is in UTC.
 */
export class ShopTime {
  /** @param configured IANA name, judged by {@link timeZoneFault}; null: none */
  constructor(
    private readonly shelf: Pick<ParameterShelf, 'current'>,
    private readonly premisesId: string,
    private readonly configured: string | null,
  ) {}

  get zone(): TillTimeZone {
    return this.#named() ?? { name: new Intl.DateTimeFormat().resolvedOptions().timeZone, from: 'computer' };
  }

  /**
   * The shop's date (YYYY-MM-DD) at an RFC 3339 time: in the zone that is known; where nobody has named one, the date in the time itself, which
   * is as good as the computer's.
   */
  dayOf(dateTime: string): string {
    const local = this.#named() === null ? dateTime : this.local(Date.parse(dateTime));
    return local.slice(0, DATE_LENGTH);
  }

  /** A moment (milliseconds since 1970) as RFC 3339 with the shop's offset. */
  local(moment: number): string {
    return localTime(moment, this.#named()?.name ?? null);
  }

  /** The zone that somebody has named. That of the computer is asked for only to be told: a tenth of the time of a sale went into it. */
  #named(): TillTimeZone | null {
    if (this.configured !== null) return { name: this.configured, from: 'configuration' };
    const { current } = this.shelf;
    const name = current === null ? null : timeZoneOf(current, this.premisesId);
    return name === null ? null : { name, from: 'parameters' };
  }
}

/** What is wrong with a configured time zone, and what to do; null: nothing. */
export function timeZoneFault(name: string): string | null {
  if (isTimeZone(name)) return null;
  return `The time zone ${JSON.stringify(name)} is not known. Give an IANA name, such as Europe/London or Asia/Riyadh.`;
}
