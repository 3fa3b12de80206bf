import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { LIMITS } from '@tax-control/protocol';

const MS_PER_SECOND = 1_000;
/** Milliseconds between two looks at how much has come. */
const LOOK_MS = 1_000;

interface SlowBody {
  readonly request: IncomingMessage;
  /** Of the connection, when the body began. */
  readonly bytesBefore: number;
}

const bodies = new WeakMap<Socket, SlowBody>();

/**
 * Gives the body of a request more time than any request has, for as long as it comes at the slowest rate that a line may have:
 * a long invoice over such a line needs minutes, and who sends nothing gets none.
 */
export function giveTime(request: IncomingMessage): void {
  bodies.set(request.socket, { request, bytesBefore: request.socket.bytesRead });
}

/**
 * Node.js says that the time of any request is over, and says it once.
 *
 * @param onOver called when the body has not come, and its own time is over, too
 * @returns false: the request has no more time
 */
export function waitForSlowBody(socket: Socket, onOver: () => void): boolean {
  const body = bodies.get(socket);
  if (body === undefined || body.request.complete || socket.destroyed) return false;
  bodies.delete(socket);
  const since = performance.now();
  const looking = setInterval(() => {
    if (socket.destroyed || body.request.complete) return clearInterval(looking);
    const moreMs = ((socket.bytesRead - body.bytesBefore) * MS_PER_SECOND) / LIMITS.slowestBytesPerSecond;
    if (performance.now() - since < moreMs) return;
    clearInterval(looking);
    onOver();
  }, LOOK_MS).unref();
  return true;
}
