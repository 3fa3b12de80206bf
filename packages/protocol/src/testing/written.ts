import type { Readable } from 'node:stream';

/** All that was written to a stream so far. One `read()` gives all of it on Node.js 20 to 24, and one chunk of it from 26 on. */
export function written(stream: Readable): string {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk === null) return Buffer.concat(chunks).toString('utf8');
    chunks.push(chunk);
  }
}
