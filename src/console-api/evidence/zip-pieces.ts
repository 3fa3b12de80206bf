import { makeZip } from 'client-zip';

/** One file of the ZIP: its bytes, or what makes them piece by piece. */
export interface EvidenceFile {
  readonly path: string;
  readonly content: Uint8Array | string | Iterable<string> | AsyncIterable<string>;
}

/** Bytes that travel from the thread at once: enough to make the way cheap, few enough for a reader on a slow line. */
export const PIECE_BYTES = 262_144;

/**
 * A ZIP, made as far as it is asked for. Its entries are stored and not compressed: most of them is base64 and signatures, and the
 * processor belongs to the tills. Each piece is a buffer of its own that may be given away.
 */
export async function* zipPieces(files: AsyncIterable<EvidenceFile>, madeAt: Date): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(PIECE_BYTES);
  let filled = 0;
  for await (const part of makeZip(entries(files, madeAt), { buffersAreUTF8: true })) {
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

async function* entries(files: AsyncIterable<EvidenceFile>, lastModified: Date) {
  for await (const { path, content } of files) {
    if (typeof content === 'string' || content instanceof Uint8Array)
      yield { name: path, input: content, lastModified };
    else yield { name: path, input: inTurn(content), lastModified };
  }
}

async function* inTurn(content: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  yield* content;
}
