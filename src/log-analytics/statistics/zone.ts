const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Zones keep an offset for weeks at least (the shortest known ones, around Ramadan, for four). */
const PROBE_MS = 7 * DAY_MS;

/** Names of the IANA database: letters first, so that offsets, which have no calendar of their own, are none. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/;
const OFFSET = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/** A stretch of time in which a zone keeps one offset to UTC. Milliseconds; `untilMs` is exclusive, Infinity for the last. */
export interface OffsetStretch {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether this is an IANA time zone that the server knows. */
export function isZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false;
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** Offset of a zone to UTC at an instant, milliseconds, positive east of Greenwich. */
export function offsetAt(zone: string, atMs: number): number {
  const name = formatOf(zone)
    .formatToParts(atMs)
    .find(({ type }) => type === 'timeZoneName')?.value;
  const [whole, sign, hours, minutes, seconds] = OFFSET.exec(name ?? '') ?? [];
  if (whole === undefined) throw new Error(`no offset of zone ${zone} can be read`);
  const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE_MS + Number(seconds ?? 0) * 1_000;
  return sign === '-' ? -size : size;
}

/**
 * The offsets of a zone from `fromMs` to `toMs` and a day beyond on both sides, in order, without gaps; so whatever is counted in
 * local time is plain arithmetic. The server's one source for zones is Node's, so that its own figures never disagree.
 */
export function offsetStretches(zone: string, fromMs: number, toMs: number): readonly OffsetStretch[] {
  const stretches: OffsetStretch[] = [];
  // Two days: from a local time to its instant is up to one and a half.
  const endMs = toMs + 2 * DAY_MS;
  let startMs = -Infinity;
  let atMs = fromMs - 2 * DAY_MS;
  let offsetMs = offsetAt(zone, atMs);
  while (atMs < endMs) {
    const nextMs = Math.min(atMs + PROBE_MS, endMs);
    const nextOffsetMs = offsetAt(zone, nextMs);
    if (nextOffsetMs !== offsetMs) {
      const changeMs = changeBetween(zone, atMs, nextMs, offsetMs);
      stretches.push({ fromMs: startMs, untilMs: changeMs, offsetMs });
      startMs = changeMs;
      offsetMs = nextOffsetMs;
    }
    atMs = nextMs;
  }
  return [...stretches, { fromMs: startMs, untilMs: Infinity, offsetMs }];
}

/** First minute at which the zone has left `offsetMs`; zones change on whole minutes. */
function changeBetween(zone: string, beforeMs: number, afterMs: number, offsetMs: number): number {
  let low = Math.floor(beforeMs / MINUTE_MS);
  let high = Math.ceil(afterMs / MINUTE_MS);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle * MINUTE_MS) === offsetMs) low = middle;
    else high = middle;
  }
  return high * MINUTE_MS;
}

/** Local time of an instant: milliseconds that read as UTC show the zone's clock. */
export function localOf(stretches: readonly OffsetStretch[], atMs: number): number {
  const stretch = stretches.find(({ untilMs }) => atMs < untilMs);
  return atMs + (stretch?.offsetMs ?? 0);
}

/**
 * The first instant at which the zone's clock shows `localMs` or later: a time that is skipped in spring is the moment of the
 * change, one that comes twice in autumn is the first of the two.
 */
export function instantOf(stretches: readonly OffsetStretch[], localMs: number): number {
  const stretch = stretches.find(({ untilMs, offsetMs }) => localMs < untilMs + offsetMs);
  if (stretch === undefined) throw new Error('the stretches do not reach so far');
  return Math.max(localMs - stretch.offsetMs, stretch.fromMs);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset', hour: 'numeric' });
  formats.set(zone, format);
  return format;
}
