export const MINUTE_MS = 60_000;

/** The numbers of the rule in docs/incidents.md, which says the same in words. */
export const INCIDENT_RULE = {
  /** What a till in use needs to notice that the line is gone: its next sale. Failures that may have begun within it began together. */
  beginTogetherMs: 5 * MINUTE_MS,
  /** Tills behind one line are back together, give or take what a till waits before it tries again. */
  endTogetherMs: 5 * MINUTE_MS,
  /** A till that stumbled no longer than this before the others, and failed on with them, belongs to them. */
  stumbleMsMax: 15 * MINUTE_MS,
  /** A till that noticed later than this does not help to name what happened; it still belongs to it. */
  noticeMsMax: 120 * MINUTE_MS,
  /** A line that comes back for less than this has not come back. */
  flapMsMax: 5 * MINUTE_MS,
  /** An expired certificate still admits what waits, so that it looks like an answer between two days of selling. */
  certificateFlapMsMax: 24 * 60 * MINUTE_MS,
  /** Below this one till alone is no incident: lines stumble, and the next sale gets through. */
  singleMsMin: 5 * MINUTE_MS,
  singleFailuresMin: 2,
  /** The same for tills of one shop or taxpayer: two that stumble in the same minute are chance. */
  groupFailuresMin: 3,
  /**
   * Failures of few tills further apart than this, with nothing tried in between and no invoice that had to wait, are no incident that lasted
   * all the while: the half hour within which a till is in use.
   */
  quietMsMax: 30 * MINUTE_MS,
  /** Part of those in use that must fail together, so that it is theirs and not chance. */
  shareMin: 0.5,
  /** Tills that make a region or the whole country; two may fail by chance. */
  wideTerminalsMin: 3,
  /** Part of an incident's tills that must be back before it has ended: some shop always closes before. */
  backShare: 2 / 3,
  /** How far around the beginning a till must have tried anything to be in use then, in quarter-hours to either side. */
  inUseQuarters: 2,
} as const;

export const QUARTER_MS = 15 * MINUTE_MS;

/** Number of the quarter-hour since 1970 in which a time lies. */
export function quarterOf(timeMs: number): number {
  return Math.floor(timeMs / QUARTER_MS);
}
