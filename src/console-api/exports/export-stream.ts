import { Readable } from 'node:stream';

/**
 * Time in which a reader must take the next piece: a line that loses packets recovers within seconds, and a piece has 256 KB at
 * most, so the slowest reader that is served takes 9 KB/s. What a reader does not take holds memory and a place
 * (which another official gets after a while: running-exports.ts).
 */
export const READER_STALL_MS = 30_000;

/** An export was ended because its reader did not take the next piece in time, or kept its place too long while another official asked for it. */
export class ReaderTooSlow extends Error {
  override readonly name = 'ReaderTooSlow';
}

/**
 * The bytes of an export. It asks for the next piece when its reader has taken the one before, and ends what makes the pieces as soon
 * as the reader goes away or stalls.
 */
export class ExportStream extends Readable {
  #stall: NodeJS.Timeout | undefined;

  constructor(
    private readonly pieces: AsyncIterator<Uint8Array | string>,
    private readonly stallMs = READER_STALL_MS,
  ) {
    super();
    this.#expectReader();
  }

  override _read(): void {
    clearTimeout(this.#stall);
    void this.#takeNext();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#stall);
    void this.#end();
    callback(error);
  }

  async #takeNext(): Promise<void> {
    try {
      const { done, value } = await this.pieces.next();
      if (this.destroyed) return;
      // Of the last piece too: it may wait for ever for a reader who has stopped.
      this.#expectReader();
      this.push(done === true ? null : value);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #end(): Promise<void> {
    try {
      await this.pieces.return?.();
    } catch {
      // Its reader is gone, so there is nobody to tell.
    }
  }

  #expectReader(): void {
    clearTimeout(this.#stall);
    this.#stall = setTimeout(
      () => this.destroy(new ReaderTooSlow(`the reader of an export took nothing for ${this.stallMs} ms`)),
      this.stallMs,
    );
    this.#stall.unref();
  }
}
