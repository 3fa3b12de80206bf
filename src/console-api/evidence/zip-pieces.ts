import { pipeline, Readable } from 'node:stream';
import { constants, crc32, createDeflateRaw } from 'node:zlib';
import { KeptBytes } from './kept-bytes.js';
import { centralRecord, dataDescriptor, endRecords, localHeader, type ZipEntry } from './zip-records.js';

/** One file of the ZIP: its bytes, or what makes them piece by piece. */
export interface EvidenceFile {
  readonly path: string;
  readonly content: Uint8Array | string | Iterable<string> | AsyncIterable<string>;
}

/** Bytes that travel from the thread at once: enough to make the way cheap, few enough for a reader on a slow line. */
export const PIECE_BYTES = 262_144;

/**
 * A ZIP, made as far as it is asked for, in pieces of {@link PIECE_BYTES}; each is a buffer that may be given away. Files whose bytes are
 * given are stored and not compressed: most of them is base64 and signatures, and the processor belongs to the tills. Tables are compressed.
 */
export async function* zipPieces(files: AsyncIterable<EvidenceFile>, madeAt: Date): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(PIECE_BYTES);
  let filled = 0;
  for await (const part of zipParts(files, madeAt)) {
    for (let start = 0; start < part.length;) {
      const taken = Math.min(part.length - start, PIECE_BYTES - filled);
      piece.set(part.subarray(start, start + taken), filled);
      filled += taken;
      start += taken;
      if (filled < PIECE_BYTES) continue;
      yield piece;
      piece = new Uint8Array(PIECE_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.slice(0, filled);
}

async function* zipParts(files: AsyncIterable<EvidenceFile>, madeAt: Date): AsyncGenerator<Uint8Array> {
  const directory = new KeptBytes();
  let [count, offset, directoryBytes] = [0, 0, 0];
  for await (const file of files) {
    const begin = offset;
    let entry: ZipEntry | undefined;
    for await (const part of fileParts(file, madeAt)) {
      if (!(part instanceof Uint8Array)) entry = part;
      else {
        offset += part.length;
        yield part;
      }
    }
    if (entry === undefined) throw new Error('a file of a ZIP has no entry');
    const record = centralRecord(entry, begin);
    count += 1;
    directory.add(record);
    directoryBytes += record.length;
  }
  yield* directory.pieces();
  yield endRecords(count, offset, directoryBytes);
}

/** The bytes of one file with what goes around them, and at the end what the directory says of it. */
async function* fileParts({ path, content }: EvidenceFile, madeAt: Date): AsyncGenerator<Uint8Array | ZipEntry> {
  const name = { path: Buffer.from(path, 'utf8'), madeAt };
  if (typeof content === 'string' || content instanceof Uint8Array) {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    const sizes = { crc: crc32(bytes), packedBytes: bytes.length, bytes: bytes.length };
    const entry = { ...name, ...sizes, isDeflated: false, isStreamed: false };
    yield localHeader(entry);
    yield bytes;
    yield entry;
    return;
  }
  let [crc, bytes, packedBytes] = [0, 0, 0];
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const text of content) {
      const part = Buffer.from(text, 'utf8');
      crc = crc32(part, crc);
      bytes += part.length;
      yield part;
    }
  };
  const deflate = createDeflateRaw({ level: constants.Z_BEST_SPEED });
  // What goes wrong ends the loop below.
  pipeline(Readable.from(counted(), { objectMode: false }), deflate, () => undefined);
  yield localHeader({ ...name, crc, packedBytes, bytes, isDeflated: true, isStreamed: true });
  for await (const part of deflate) {
    packedBytes += (part as Buffer).length;
    yield part as Buffer;
  }
  const entry = { ...name, crc, packedBytes, bytes, isDeflated: true, isStreamed: true };
  yield dataDescriptor(entry);
  yield entry;
}
