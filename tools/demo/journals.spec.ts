import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readJournals } from './journals.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-spec-'));
});
afterAll(() => rm(folder, { recursive: true }));

function jws(payload: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'ES256' })}.${part(payload)}.${Buffer.alloc(64).toString('base64url')}`;
}

it('reads how every invoice ended, and which codes had been given before', async () => {
  const file = join(folder, 'till.jsonl');
  const lines = [
    { kind: 'journal', journalId: 'x' },
    {
      kind: 'invoice',
      state: 'issued',
      invoice: jws({ terminalId: 'till-1', id: 'a' }),
      receipt: jws({ code: '12', door: 'reissue' }),
    },
    { kind: 'invoice', state: 'waiting', invoice: jws({ terminalId: 'till-1', id: 'b' }), receipt: null },
    { kind: 'log', invoice_id: 'a', outcome: 'already_issued' },
    { kind: 'log', invoice_id: 'b', outcome: 'failed' },
  ];
  await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  expect(await readJournals([file])).toStrictEqual({
    journals: [
      { terminalId: 'till-1', invoiceId: 'a', state: 'issued', code: '12', door: 'reissue' },
      { terminalId: 'till-1', invoiceId: 'b', state: 'waiting', code: null, door: null },
    ],
    alreadyIssued: [{ invoiceId: 'a' }],
  });
});
