import { expect, it } from 'vitest';
import * as yauzl from 'yauzl';
import { WrittenFiles } from './written-files.js';
import { type EvidenceFile, PIECE_BYTES, zipPieces } from './zip-pieces.js';

const MADE_AT = new Date('2026-01-01T00:00:00Z');
/** More than fit into the sixteen bits of a ZIP of the first kind. */
const MANY = 66_000;
/** Of each duration the best counts: the others had something else in the way. */
const TRIES = 3;

async function* smallFiles(count: number, asked = { files: 0 }): AsyncGenerator<EvidenceFile> {
  for (let index = 0; index < count; index += 1) {
    asked.files += 1;
    yield { path: `invoices/${String(index).padStart(16, '0')}.sig`, content: 'x'.repeat(72) };
  }
}

async function bytesOf(files: AsyncIterable<EvidenceFile>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of zipPieces(files, MADE_AT)) pieces.push(piece);
  return Buffer.concat(pieces);
}

it('holds more files than a ZIP of the first kind, each as it was given', async () => {
  const written = new WrittenFiles();
  const zip = await yauzl.fromBufferPromise(await bytesOf(written.noting(smallFiles(MANY))));
  expect(zip.entryCount).toBe(MANY);
  expect([...written.each()].length).toBe(MANY);
});

it('takes as long for each file, however many there are', async () => {
  const costOf = async (count: number): Promise<number> => {
    const costs: number[] = [];
    for (let tries = 0; tries < TRIES; tries += 1) {
      const began = process.cpuUsage();
      for await (const _piece of zipPieces(new WrittenFiles().noting(smallFiles(count)), MADE_AT));
      const { user, system } = process.cpuUsage(began);
      costs.push(user + system);
    }
    return Math.min(...costs);
  };
  await costOf(1_000);
  // Work that grows with the square takes four times as long, work that grows with the number twice.
  expect((await costOf(20_000)) / (await costOf(10_000))).toBeLessThan(3);
});

it('asks for no file before the pieces made of those before it were taken', async () => {
  const asked = { files: 0 };
  const pieces = zipPieces(smallFiles(MANY, asked), MADE_AT);
  const { value } = await pieces.next();
  expect(value?.length).toBe(PIECE_BYTES);
  // Each takes 144 bytes: 30 of its header, 42 of its name, 72 of its content.
  expect(asked.files).toBeLessThanOrEqual(Math.ceil(PIECE_BYTES / 130));
  await pieces.return(undefined);
});

it('gives away the bytes of no piece that is still to be filled', async () => {
  const big = Buffer.alloc(3 * PIECE_BYTES + 17, 'a');
  const files = async function* (): AsyncGenerator<EvidenceFile> {
    yield { path: 'big', content: big };
  };
  const zip = await yauzl.fromBufferPromise(await bytesOf(files()));
  for await (const entry of zip.eachEntry()) {
    const parts: Buffer[] = [];
    for await (const part of await zip.openReadStreamPromise(entry)) parts.push(part as Buffer);
    expect(Buffer.concat(parts).equals(big)).toBe(true);
  }
});
