import { type Readable, Transform } from 'node:stream';

/**
 * Counts a body that does not announce its length as it comes; the stream fails with the given error once bytes are not admitted.
 */
export function countBytes(body: Readable, admits: (bytes: number) => boolean, refused: () => Error): Readable {
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (admits(chunk.length)) done(null, chunk);
      else done(refused());
    },
  });
  // Who was answered does not listen any more.
  counted.on('error', () => undefined);
  body.once('error', (error) => counted.destroy(error));
  return body.pipe(counted);
}
