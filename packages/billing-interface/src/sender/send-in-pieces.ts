import type { ClientRequest } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, LIMITS } from '@tax-control/protocol';

/** How a body goes out that nobody waits for. */
export interface Pace {
  /** What the line is known to carry; null: nothing is known, and the body goes out at once. */
  readonly bytesPerSecond: number | null;
  /** Resolves when nobody has to go first. */
  readonly giveWay: () => Promise<void>;
}

/** A sale that comes meanwhile waits for no more than a piece. */
const PIECE_MS = 250;
/**
 * For this many milliseconds a body goes faster than the line is known to carry: it shows when the line carries more, and
 * when it does not, two thirds of a second wait before the bottleneck, in which a sale still has its code in time.
 */
const PROBE_MS = 2_000;
const PROBE_GAIN = 1.5;
/** From then on somewhat slower, so that nothing more comes to wait. */
const STEADY_GAIN = 0.9;
const MS_PER_SECOND = 1_000;
/** Below this many milliseconds a body is not worth taking apart. */
const WHOLE_MS_MAX = 500;

/** The rate at which a body is sent in pieces; null: it takes too little time for that, as far as is known. */
export function rateOfPieces(bytes: number, { bytesPerSecond }: Pace): number | null {
  if (bytesPerSecond === null) return null;
  const rate = Math.max(bytesPerSecond, LIMITS.slowestBytesPerSecond);
  return (bytes * MS_PER_SECOND) / rate > WHOLE_MS_MAX ? rate : null;
}

/**
 * Sends a body no faster than the line carries it, so that no queue grows before the bottleneck in which a sale would have to
 * wait (bufferbloat, RFC 8033), and steps back between two pieces.
 *
 * @param stepBack resolves to the milliseconds for which somebody else went first
 * @param onProgress called when the connection has taken a piece
 */
export async function sendInPieces(
  request: ClientRequest,
  body: Buffer,
  bytesPerSecond: number,
  stepBack: () => Promise<number>,
  onProgress: () => void,
  clock: Clock,
): Promise<void> {
  const probed = (bytesPerSecond * PROBE_MS) / MS_PER_SECOND;
  let due = clock.monotonicMs();
  for (let sent = 0; sent < body.length && !request.destroyed;) {
    const early = due - clock.monotonicMs();
    if (early > 0) await delay(early);
    due += PIECE_MS + (await stepBack());
    const gain = sent < probed ? PROBE_GAIN : STEADY_GAIN;
    const piece = body.subarray(sent, sent + Math.ceil((gain * bytesPerSecond * PIECE_MS) / MS_PER_SECOND));
    await write(request, piece);
    sent += piece.length;
    onProgress();
  }
  if (!request.destroyed) request.end();
}

/** Resolves when the connection has taken it, or is gone: the request itself hears why. */
function write(request: ClientRequest, piece: Buffer): Promise<void> {
  if (request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    request.once('close', resolve);
    request.write(piece, () => {
      request.off('close', resolve);
      resolve();
    });
  });
}
