import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

/** Bytes gathered before they are compressed: names repeat, so that many at once become small. */
const PIECE_BYTES = 262_144;
/** Lines and records that are written at the end of a file and gathered before. They wait compressed, outside of the heap. */
export class KeptBytes {
  readonly #packed: Buffer[] = [];
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** Keeps whole lines, with their ends, or whole records. */
  add(part: string | Uint8Array): void {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= PIECE_BYTES) this.#pack();
  }

  /** What is kept so far; no piece ends within a part. */
  *pieces(): Generator<Buffer> {
    this.#pack();
    for (const piece of this.#packed) yield inflateRawSync(piece);
  }

  /** What is kept so far, as text. */
  *texts(): Generator<string> {
    for (const piece of this.pieces()) yield piece.toString('utf8');
  }

  #pack(): void {
    if (this.#bytes === 0) return;
    this.#packed.push(deflateRawSync(Buffer.concat(this.#parts), { level: constants.Z_BEST_SPEED }));
    this.#parts = [];
    this.#bytes = 0;
  }
}
