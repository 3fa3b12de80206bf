import { createSign } from 'node:crypto';
import type { Pool } from 'pg';
import type { EvidenceManifest } from '@tax-control/protocol/console';
import { terminalIdsWithin } from '../../registry/terminal-scope.js';
import { attemptFile } from './attempt-file.js';
import type { EvidenceCounts, EvidenceKeys, EvidenceOrder, ManifestHead } from './evidence-order.js';
import { certificateFiles, gapFile, refusedFiles, serverKeyFiles } from './evidence-parts.js';
import { evidenceReadme } from './evidence-readme.js';
import { invoiceFiles } from './invoice-files.js';
import { WrittenFiles } from './written-files.js';
import type { EvidenceFile } from './zip-pieces.js';

/** Characters that go through hashing and compression at once. */
const PIECE_LENGTH = 65_536;

/** All files of one shop in a period, one after the other, each read from the database when it is asked for. */
export async function* evidenceFiles(pool: Pool, order: EvidenceOrder): AsyncGenerator<EvidenceFile> {
  const counts: EvidenceCounts = {
    invoices: order.sequences.length,
    withoutContent: 0,
    refused: 0,
    gaps: 0,
    logEntries: 0,
    certificates: 0,
  };
  const written = new WrittenFiles();
  yield* written.noting(partsOf(pool, order, counts));
  yield* written.noting(digestFile(written));
  yield* manifestFiles(order.head, order.keys, counts, written);
}

async function* partsOf(
  pool: Pool,
  { head, keys, sequences }: EvidenceOrder,
  counts: EvidenceCounts,
): AsyncGenerator<EvidenceFile> {
  yield { path: 'README.md', content: evidenceReadme(head) };
  yield* serverKeyFiles(keys);
  const terminalIds = (await terminalIdsWithin(pool, [head.premisesId], {})) ?? [];
  yield* certificateFiles(pool, terminalIds, counts);
  yield* invoiceFiles(pool, sequences, counts);
  yield* refusedFiles(pool, { terminalIds, from: head.from, to: head.to }, counts);
  yield gapFile(pool, head, counts);
  yield attemptFile(pool, head, counts);
}

async function* digestFile(written: WrittenFiles): AsyncGenerator<EvidenceFile> {
  const lines = function* (): Generator<string> {
    for (const { path, sha256 } of written.each()) yield `${sha256}  ${path}\n`;
  };
  yield { path: 'SHA256SUMS', content: gathered(lines()) };
}

/** The manifest is signed while it is written: with 120,000 files it has 30 MB. */
async function* manifestFiles(
  head: ManifestHead,
  { signing }: EvidenceKeys,
  counts: EvidenceCounts,
  written: WrittenFiles,
): AsyncGenerator<EvidenceFile> {
  const signer = createSign('sha256');
  const lines = function* (): Generator<string> {
    for (const text of gathered(manifestText({ ...head, counts }, written))) {
      signer.update(text);
      yield text;
    }
  };
  yield { path: 'manifest.json', content: lines() };
  yield { path: 'manifest.sig', content: signer.sign({ key: signing.key, dsaEncoding: 'der' }) };
}

/**
 * The same text in longer pieces: hashing and compressing 240,000 lines one by one took 9 seconds of a file of 20,000 invoices,
 * most of it waiting for the compressor's thread.
 */
function* gathered(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** As `JSON.stringify` with an indent of one would write it, but with one file a line. */
function* manifestText(facts: Omit<EvidenceManifest, 'files'>, written: WrittenFiles): Generator<string> {
  yield `${JSON.stringify(facts, null, 1).slice(0, -'\n}'.length)},\n "files": [`;
  let separator = '\n  ';
  for (const file of written.each()) {
    yield separator + JSON.stringify(file);
    separator = ',\n  ';
  }
  yield '\n ]\n}\n';
}
