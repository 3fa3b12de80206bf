/** Characters gathered before they become bytes: few enough to be nothing beside the rest, many enough to make few buffers. */
const PIECE_LENGTH = 65_536;

/** Lines that are written at the end of a file and gathered before: as bytes, in a third of what as many strings take. */
export class KeptText {
  readonly #pieces: Buffer[] = [];
  #lines: string[] = [];
  #length = 0;

  /** Keeps whole lines, with their ends. */
  add(lines: string): void {
    this.#lines.push(lines);
    this.#length += lines.length;
    if (this.#length >= PIECE_LENGTH) this.#flush();
  }

  /** What is kept so far; no piece ends within a line. */
  *pieces(): Generator<string> {
    this.#flush();
    for (const piece of this.#pieces) yield piece.toString('utf8');
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#pieces.push(Buffer.from(this.#lines.join(''), 'utf8'));
    this.#lines = [];
    this.#length = 0;
  }
}
