import { SIGNAL_RULE } from './rules.js';

/** A till and its share, with what makes others comparable to it. */
export interface Peer {
  readonly terminalId: string;
  readonly region: string;
  readonly activity: string;
  readonly share: number;
}

/** What a share is compared with. @property among which tills these are; null where there were too few of any kind */
export interface Comparison {
  readonly among: 'activity_and_region' | 'activity' | null;
  readonly peers: number;
  readonly median: number;
  /** From here on a share is far. */
  readonly limit: number;
}

/** Scales the median absolute deviation so that it equals the standard deviation of a normal distribution. */
const MAD_SCALE = 1.4826;

/** Where a share is far from others, by median and MAD, which one liar among eight cannot move. A pure function. */
export function limitOf(shares: readonly number[]): { readonly median: number; readonly limit: number } {
  const middle = median(shares);
  const deviation = Math.max(
    median(shares.map((share) => Math.abs(share - middle))) * MAD_SCALE,
    SIGNAL_RULE.deviationMin,
  );
  const limit = Math.max(middle + SIGNAL_RULE.deviationsMin * deviation, middle * SIGNAL_RULE.timesMedianMin);
  return { median: middle, limit };
}

/** Compares each till with those of the same activity and region, or where these are too few of the same activity. */
export function comparisons(all: readonly Peer[]): (peer: Peer) => Comparison {
  const near = groupLimits(all, ({ activity, region }) => JSON.stringify([activity, region]));
  const wide = groupLimits(all, ({ activity }) => activity);
  return (peer) => {
    const close = near(peer);
    if (close.peers >= SIGNAL_RULE.peersMin) return { among: 'activity_and_region', ...close };
    const far = wide(peer);
    return { among: far.peers >= SIGNAL_RULE.peersMin ? 'activity' : null, ...far };
  };
}

function groupLimits(
  all: readonly Peer[],
  keyOf: (peer: Peer) => string,
): (peer: Peer) => { readonly peers: number; readonly median: number; readonly limit: number } {
  const groups = new Map<string, number[]>();
  for (const peer of all) {
    const shares = groups.get(keyOf(peer));
    if (shares === undefined) groups.set(keyOf(peer), [peer.share]);
    else shares.push(peer.share);
  }
  const limits = new Map([...groups].map(([key, shares]) => [key, { peers: shares.length, ...limitOf(shares) }]));
  return (peer) => limits.get(keyOf(peer)) ?? { peers: 0, median: 0, limit: Number.POSITIVE_INFINITY };
}

/** The lower of the two in the middle; 0 of nothing. */
function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) / 2)] ?? 0;
}
