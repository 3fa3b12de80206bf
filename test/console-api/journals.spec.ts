import { randomUUID } from 'node:crypto';
import { JournalExportTally } from '@tax-control/protocol';
import {
  type HandedIn,
  type HandedInvoice,
  type HandedJournal,
  type Page,
  UPLOAD_PART_BYTES_MAX,
} from '@tax-control/protocol/console';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Till } from '../issuance/office.js';
import type { Answer } from '../support/client.js';
import { signIn, type TestBrowser } from '../support/officials.js';
import { type ConsoleGround, openConsoleGround, trailOf } from './ground.js';

const API = '/v1/console/journals';
const reason = 'brought by the owner';

let ground: ConsoleGround;
let till: Till;
let operator: TestBrowser;
let official: TestBrowser;
let regional: TestBrowser;

beforeAll(async () => {
  ground = await openConsoleGround();
  till = await ground.till({ taxpayerId: 'chain-1', region: 'North' });
  await ground.till({ taxpayerId: 'chain-2', region: 'South' });
  operator = await signIn(ground.server, { roles: ['operator'] });
  official = await signIn(ground.server);
  regional = await signIn(ground.server, { roles: ['operator'], view: { kind: 'regions', regions: ['South'] } });
});
afterAll(() => ground.close());

/** An exported journal of a till with so many sales that no server has. */
function exportOf({ terminalId = till.terminalId, sales = 1 }: { terminalId?: string; sales?: number } = {}): string {
  const lines = [
    { kind: 'till', exportVersion: 2, terminalId },
    { kind: 'certificate', pem: till.terminal.certificatePem },
    ...Array.from({ length: sales }, () => ({ kind: 'invoice', invoice: till.sign().jws, receipt: null })),
  ];
  const tally = new JournalExportTally();
  const texts = lines.map((line) => JSON.stringify(line));
  for (const [index, text] of texts.entries()) tally.add(text, lines[index]!.kind);
  return [...texts, JSON.stringify(tally.end())].map((line) => `${line}\n`).join('');
}

/** Sends a file as the page does, and hands it in. */
async function handIn(text: string, more: object = {}, by = operator): Promise<Answer<HandedIn & { code?: string }>> {
  const uploadId = randomUUID();
  const bytes = Buffer.from(text);
  const parts = Math.ceil(bytes.length / UPLOAD_PART_BYTES_MAX);
  for (let part = 0; part < parts; part += 1) {
    const piece = bytes.subarray(part * UPLOAD_PART_BYTES_MAX, (part + 1) * UPLOAD_PART_BYTES_MAX).toString('base64');
    const sent = await by.post(`${API}/uploads`, { uploadId, part, bytes: piece });
    expect([sent.status, sent.json()]).toEqual([200, { part }]);
  }
  return by.post<HandedIn & { code?: string }>(API, { uploadId, parts, reason, ...more });
}

async function through(handedId: number): Promise<HandedJournal> {
  const read = async () => (await operator.get<HandedJournal>(`${API}/${handedId}`)).json();
  await expect.poll(async () => (await read()).state, { timeout: 30_000 }).not.toBe('waiting');
  return read();
}

describe('handing in a journal', () => {
  it('takes a file of several parts, and says what became of each invoice', async () => {
    const text = exportOf({ sales: 60 });
    expect(text.length).toBeGreaterThan(UPLOAD_PART_BYTES_MAX);
    const answer = await handIn(text);
    expect([answer.status, answer.json()]).toMatchObject([
      201,
      { result: 'handed_in', journal: { terminalId: till.terminalId, handedBy: operator.name, reason, invoices: 60 } },
    ]);
    const { handedId } = answer.json().journal;
    expect(await through(handedId)).toMatchObject({ state: 'done', results: { issued: 60 }, findings: [] });
    const invoices = (await official.get<Page<HandedInvoice>>(`${API}/${handedId}/invoices?pageSize=20&page=2`)).json();
    expect(invoices.items).toHaveLength(20);
    expect(invoices.items[0]).toMatchObject({ line: 23, result: 'issued', problem: null });
    const csv = (await official.get(`${API}/${handedId}/invoices?format=csv&result=issued`)).text;
    expect(parse(csv, { bom: true })).toHaveLength(61);
    const listed = (await official.get<Page<HandedJournal>>(API)).json();
    expect(listed.items.map((one) => one.handedId)).toContain(handedId);
    expect(await trailOf(ground.ground, operator.name)).toContainEqual(['journal.handed_in', till.terminalId, reason]);
    const { rowCount } = await ground.ground.superuser.query('SELECT FROM handed_upload_part');
    expect(rowCount).toBe(0);
    expect((await handIn(text)).json()).toMatchObject({ result: 'known', journal: { handedId } });
  });

  it('says what would become of it, which is in no list', async () => {
    const answer = await handIn(exportOf(), { isCheck: true });
    const { handedId } = answer.json().journal;
    expect(await through(handedId)).toMatchObject({ isCheck: true, state: 'done', results: { issued: 1 } });
    const listed = (await operator.get<Page<HandedJournal>>(API)).json();
    expect(listed.items.map((one) => one.handedId)).not.toContain(handedId);
  });

  it('refuses what is none, what is cut, and the journal of a terminal that it does not know', async () => {
    const codeOf = async (text: string, more: object = {}) => {
      const answer = await handIn(text, more);
      return [answer.status, answer.json().code];
    };
    const text = exportOf({ sales: 2 });
    const cut = text.slice(0, text.lastIndexOf('{'));
    expect(await codeOf('a,b\n')).toEqual([400, 'journal_not_an_export']);
    expect(await codeOf(cut)).toEqual([409, 'journal_not_whole']);
    expect(await codeOf(cut, { takesBroken: true })).toEqual([201, undefined]);
    expect(await codeOf(exportOf({ terminalId: 'nobody' }))).toEqual([409, 'journal_of_unknown_terminal']);
  });

  it('refuses parts that are none, and a file of which parts are missing', async () => {
    const uploadId = randomUUID();
    const send = async (path: string, body: object, by = operator) => {
      const answer = await by.post<{ code?: string }>(`${API}${path}`, body);
      return [answer.status, answer.json().code];
    };
    const bytes = Buffer.from('x').toString('base64');
    for (const body of [
      { uploadId, part: -1, bytes },
      { uploadId, part: 1.5, bytes },
      { uploadId, part: 20_000, bytes },
      { uploadId, part: 0, bytes: '' },
      { uploadId, part: 0, bytes: '%' },
      { uploadId: 'x', part: 0, bytes },
      { uploadId, part: 0 },
    ])
      expect(await send('/uploads', body)).toEqual([400, 'invalid_request']);
    expect(await send('/uploads', { uploadId, part: 1, bytes })).toEqual([200, undefined]);
    expect(await send('', { uploadId, parts: 2, reason })).toEqual([404, 'not_on_file']);
    expect(await send('', { uploadId, parts: 1, reason: 'x' })).toEqual([400, 'invalid_request']);
    expect(await send('', { uploadId, parts: 1, reason, isCheck: 'yes' })).toEqual([400, 'invalid_request']);
    // It is nobody else's.
    expect(await send('', { uploadId, parts: 1, reason }, regional)).toEqual([404, 'not_on_file']);
  });

  it('is for operators, within their view', async () => {
    const body = { uploadId: randomUUID(), part: 0, bytes: 'eA==' };
    for (const [path, sent] of [
      ['/uploads', body],
      ['', { uploadId: body.uploadId, parts: 1, reason }],
    ] as const) {
      const answer = await official.post(`${API}${path}`, sent);
      expect([answer.status, answer.json()['code']]).toEqual([403, 'role_missing']);
    }
    const text = exportOf();
    expect((await handIn(text, {}, regional)).json().code).toBe('journal_of_unknown_terminal');
    const { handedId } = (await handIn(text)).json().journal;
    await through(handedId);
    for (const path of [`/${handedId}`, `/${handedId}/invoices`, '/0', '/99999999999'])
      expect((await regional.get(`${API}${path}`)).json()['code']).toBe('not_on_file');
    expect((await regional.get<Page<HandedJournal>>(API)).json().items).toEqual([]);
    expect((await operator.get(`${API}/x`)).status).toBe(400);
  });
});
