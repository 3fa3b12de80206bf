import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { EvidenceManifest } from '@tax-control/protocol/console';

type WrittenFile = EvidenceManifest['files'][number];

/** Whoever was reading the ZIP has gone. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';

  constructor() {
    super('nobody reads the evidence any more');
  }
}

/** Writes a ZIP as fast as it is read, and keeps the digest of everything in it. */
export class ZipWriter {
  readonly files: WrittenFile[] = [];
  readonly #zip = new ZipFile();
  readonly #gone: Promise<never>;

  constructor(private readonly madeAt: Date) {
    this.#gone = new Promise((_resolve, reject) => {
      this.output.once('close', () => reject(new ReaderGone()));
    });
    // It may never be waited for.
    this.#gone.catch(() => undefined);
  }

  /** The ZIP itself. */
  get output(): Readable {
    return this.#zip.outputStream as Readable;
  }

  /** Adds a file; it stays in memory until it is read. */
  add(path: string, content: string | Buffer): void {
    const bytes = this.#note(path, content);
    this.#zip.addBuffer(bytes, path, { mtime: this.madeAt });
  }

  /**
   * Adds a file and waits until all before it was read, so that no more than what lies between two of these is in memory.
   * @throws ReaderGone when the reader has gone
   */
  async addAndWait(path: string, content: string | Buffer): Promise<void> {
    const bytes = this.#note(path, content);
    const reached = new Promise<void>((resolve) => {
      this.#zip.addReadStreamLazy(path, { mtime: this.madeAt }, (callback) => {
        callback(null, Readable.from([bytes], { objectMode: false }));
        resolve();
      });
    });
    await Promise.race([reached, this.#gone]);
  }

  /** Adds what is written piece by piece, as it is read. The same promise as {@link addAndWait}, at its end. */
  async addPieces(path: string, pieces: AsyncIterable<string>): Promise<void> {
    const hash = createHash('sha256');
    let bytes = 0;
    const noted = async function* (): AsyncGenerator<Buffer> {
      for await (const piece of pieces) {
        const part = Buffer.from(piece, 'utf8');
        hash.update(part);
        bytes += part.length;
        yield part;
      }
    };
    const written = new Promise<void>((resolve, reject) => {
      this.#zip.addReadStreamLazy(path, { mtime: this.madeAt }, (callback) => {
        const stream = Readable.from(noted(), { objectMode: false });
        stream.once('end', resolve).once('error', reject);
        callback(null, stream);
      });
    });
    await Promise.race([written, this.#gone]);
    this.files.push({ path, bytes, sha256: hash.digest('hex') });
  }

  end(): void {
    this.#zip.end();
  }

  /** Breaks the ZIP off: what was read of it cannot be opened. */
  fail(error: Error): void {
    this.output.destroy(error);
  }

  #note(path: string, content: string | Buffer): Buffer {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    this.files.push({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    return bytes;
  }
}
