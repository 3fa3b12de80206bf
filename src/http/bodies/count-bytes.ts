import { type Readable, Transform } from 'node:stream';
import type { BodyReservation } from './body-budget.js';

/**
 * Counts a body that does not announce its length as it comes; the stream fails with the given error once there is no room.
 */
export function countBytes(body: Readable, reservation: BodyReservation, refused: () => Error): Readable {
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (reservation.grow(chunk.length)) done(null, chunk);
      else done(refused());
    },
  });
  // Who was answered does not listen any more.
  counted.on('error', () => undefined);
  body.once('error', (error) => counted.destroy(error));
  return body.pipe(counted);
}
