import { createHash } from 'node:crypto';
import { KeptBytes } from './kept-bytes.js';
import type { EvidenceFile } from './zip-pieces.js';

/** One file as the manifest lists it. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Keeps the digests of the files that go by. */
export class WrittenFiles {
  readonly #kept = new KeptBytes();

  /** The same files, each noted once it was written. */
  async *noting(files: AsyncIterable<EvidenceFile>): AsyncGenerator<EvidenceFile> {
    for await (const { path, content } of files) {
      const hash = createHash('sha256');
      let bytes = 0;
      if (typeof content === 'string' || content instanceof Uint8Array) {
        bytes = Buffer.byteLength(content);
        hash.update(content);
        yield { path, content };
      } else {
        const passing = async function* (): AsyncGenerator<string> {
          for await (const piece of content) {
            bytes += Buffer.byteLength(piece);
            hash.update(piece);
            yield piece;
          }
        };
        yield { path, content: passing() };
      }
      // Whoever asks for the next file has written this one. No path has a blank (paths.ts).
      this.#kept.add(`${hash.digest('hex')} ${bytes} ${path}\n`);
    }
  }

  *each(): Generator<WrittenFile> {
    for (const piece of this.#kept.texts())
      for (const line of piece.split('\n')) {
        const [sha256, bytes, path] = line.split(' ');
        if (path !== undefined) yield { path, bytes: Number(bytes), sha256: sha256 ?? '' };
      }
  }
}
