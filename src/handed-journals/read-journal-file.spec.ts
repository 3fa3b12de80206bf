import { createHash } from 'node:crypto';
import { JournalExportTally, signInvoice, uuidV7 } from '@tax-control/protocol';
import { makeInvoice, makeSigner } from '@tax-control/protocol/testing';
import { describe, expect, it } from 'vitest';
import { type FilePart, readJournalFile } from './read-journal-file.js';
import { surveyJournal } from './survey-journal.js';

const signer = makeSigner();
const journalId = '81b63f5d-ab7a-45e5-903d-5fc7e504734b';
const invoice = makeInvoice({
  id: uuidV7(Date.now()),
  terminalId: 'till-1',
  journalId,
  counter: 1,
  previousDigest: null,
});
const { jws, digest } = signInvoice(invoice, signer.privateKey, signer.thumbprint);
const TILL = { kind: 'till', exportVersion: 2, terminalId: 'till-1' };
const FETCHED = { kind: 'invoice', invoice: null, receipt: 'a.b.c', fetchedAt: '2026-11-30T10:00:00.000Z' };
const INVOICE = { kind: 'invoice', invoice: jws, receipt: null };

function endOf(lines: readonly string[]): string {
  const tally = new JournalExportTally();
  for (const line of lines) tally.add(line, (JSON.parse(line) as { kind: string }).kind);
  return JSON.stringify(tally.end());
}

function fileOf(...entries: readonly object[]): string[] {
  const lines = entries.map((entry) => JSON.stringify(entry));
  return [...lines, endOf(lines)];
}

async function* source(text: string): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from(text));
}

async function partsOf(lines: readonly string[]): Promise<FilePart[]> {
  const parts: FilePart[] = [];
  for await (const part of readJournalFile(source(lines.map((line) => `${line}\n`).join('')))) parts.push(part);
  return parts;
}

async function wholenessOf(lines: readonly string[]): Promise<string> {
  const end = (await partsOf(lines)).at(-1);
  return end?.kind === 'end' ? end.wholeness : 'none';
}

describe('a journal’s file', () => {
  it('gives what the invoices say of themselves, and the digest of the whole', async () => {
    const lines = fileOf(TILL, { kind: 'log', id: 1 }, { kind: 'of a later version' }, INVOICE, FETCHED);
    expect(await partsOf(lines)).toEqual([
      { kind: 'till', terminalId: 'till-1' },
      {
        kind: 'invoice',
        line: 4,
        invoice: jws,
        receipt: null,
        terminalId: 'till-1',
        invoiceId: invoice.id,
        journalId,
        counter: 1,
        digest: Buffer.from(digest, 'base64url'),
        previousDigest: null,
        signer: signer.thumbprint,
      },
      {
        kind: 'end',
        wholeness: 'whole',
        digest: createHash('sha256')
          .update(lines.map((line) => `${line}\n`).join(''))
          .digest(),
      },
    ]);
  });

  it.each<[string, (lines: string[]) => string[], string]>([
    ['as it was exported', (lines) => lines, 'whole'],
    ['without its last line', (lines) => lines.slice(0, -1), 'cut'],
    ['cut in the middle of a line', (lines) => [lines[0]!, lines[1]!.slice(0, 20)], 'cut'],
    ['with a line less', (lines) => lines.toSpliced(1, 1), 'changed'],
    ['with another line', (lines) => lines.toSpliced(1, 1, `${lines[1]!} `), 'changed'],
    ['with something behind its end', (lines) => [...lines, '{"kind":"note"}'], 'changed'],
    ['with two ends', (lines) => [...lines, lines.at(-1)!], 'changed'],
    ['empty', () => [], 'cut'],
  ])('%s is %s', async (_what, change, wholeness) => {
    expect(await wholenessOf(change(fileOf(TILL, INVOICE)))).toBe(wholeness);
  });

  it.each<[string, object]>([
    ['no invoice', { kind: 'invoice' }],
    ['a text that is no JWS', { kind: 'invoice', invoice: 'a.b' }],
    ['a JWS whose parts are none', { kind: 'invoice', invoice: 'a.b.c' }],
    ['a NUL', { kind: 'invoice', invoice: `${jws}\u0000` }],
    ['a number for a receipt', { ...INVOICE, receipt: 7 }],
    ['a receipt of a megabyte', { ...INVOICE, receipt: `${'a'.repeat(1_000_000)}.b.c` }],
    ['no certificate', { kind: 'certificate', pem: 'x' }],
    ['a damaged place', { kind: 'unreadable', table: 'invoices', where: 'after 7', detail: 'disk\u0000' }],
  ])('names a line with %s, and goes on', async (_what, entry) => {
    const parts = await partsOf(fileOf(TILL, entry, INVOICE));
    expect(parts.map(({ kind }) => kind)).toEqual(['till', 'unreadable', 'invoice', 'end']);
    expect(parts[1]).toMatchObject({ line: 2 });
    expect(JSON.stringify(parts)).not.toContain('u0000');
  });

  it.each(['', 'terminal,premises', '{"kind":"invoice"}', '[]'])('is none where its first line is %j', async (line) => {
    expect(await partsOf([line, ...fileOf(TILL)])).toEqual([{ kind: 'no_export' }]);
  });
});

describe('the survey of a journal', () => {
  const survey = (...entries: readonly object[]) => surveyJournal(source(`${fileOf(...entries).join('\n')}\n`));
  it('takes the terminal that the export names, or else that of the first invoice', async () => {
    expect(await survey(TILL, INVOICE)).toMatchObject({
      terminalId: 'till-1',
      invoices: 1,
      signers: [signer.thumbprint],
    });
    expect(await survey({ ...TILL, terminalId: null }, INVOICE)).toMatchObject({ terminalId: 'till-1' });
    expect(await survey({ ...TILL, terminalId: null })).toMatchObject({ terminalId: null, invoices: 0 });
    expect(await survey({ ...TILL, terminalId: '; DROP' })).toMatchObject({ terminalId: null });
  });
});
