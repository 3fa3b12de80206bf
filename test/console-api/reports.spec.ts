import { randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogEntry } from '@tax-control/protocol';
import {
  type CustomerReport,
  type Incident,
  MISSING_KINDS,
  type MissingCounts,
  type Overview,
  type Page,
  type PlannedOutage,
  type SeasonalClosing,
  type TerminalPage,
  type TerminalRow,
  type TimelineItem,
} from '@tax-control/protocol/console';
import { KeptTables } from '../../src/log-analytics/kept/kept-tables.js';
import type { Till } from '../issuance/office.js';
import { call } from '../support/client.js';
import { signIn, type TestBrowser } from '../support/officials.js';
import { startTestServer } from '../support/server.js';
import { aroundNow, type ConsoleGround, openConsoleGround, trailOf } from './ground.js';

const API = '/v1/console';
const PERIOD = new URLSearchParams({ ...aroundNow(), zone: 'Europe/Berlin', step: 'hour' }).toString();
const reason = 'works on the line';

let ground: ConsoleGround;
let till: Till;
let other: Till;
let browser: TestBrowser;
let operator: TestBrowser;
let nobody: TestBrowser;
let regional: TestBrowser;
let waiting: string;

beforeAll(async () => {
  ground = await openConsoleGround();
  till = await ground.till({ terminalId: 'north-till', taxpayerId: 'chain-n', region: 'North' });
  other = await ground.till({ terminalId: 'south-till', taxpayerId: 'chain-s', region: 'South' });
  for (const seller of [till, till, other]) {
    const { invoice } = await ground.sell(seller);
    await upload(seller, entry({ invoiceId: invoice.id }));
  }
  // A counter that nobody sends, an invoice that waits, and a text that would like to be more than one.
  till.sign();
  await ground.sell(till);
  waiting = randomUUID();
  await upload(
    till,
    entry({ invoiceId: waiting, outcome: 'failed', cause: 'connect_timeout', detail: '=cmd|"/C calc"!A0 <script>' }),
  );
  await ground.server.running.application.get(KeptTables).catchUp();
  browser = await signIn(ground.server);
  operator = await signIn(ground.server, { roles: ['operator'] });
  nobody = await signIn(ground.server, { view: { kind: 'taxpayers', taxpayerIds: ['nobody'] } });
  regional = await signIn(ground.server, { roles: ['operator'], view: { kind: 'regions', regions: ['South'] } });
});
afterAll(() => ground.close());

function entry(overrides: Partial<LogEntry>): LogEntry {
  const times = { connectMs: 3, tlsMs: 4, answerMs: 9, totalMs: 20 };
  return {
    id: randomUUID(),
    at: new Date().toISOString(),
    door: 'issue',
    invoiceId: randomUUID(),
    outcome: 'issued',
    cause: null,
    detail: null,
    address: 'https://localhost:8443',
    ...times,
    ...overrides,
  };
}

async function upload(seller: Till, one: LogEntry): Promise<void> {
  const answer = await call(ground.server, '/v1/transaction-logs', {
    terminal: seller.terminal,
    body: { entries: [one] },
  });
  if (answer.status !== 200) throw new Error(answer.text);
}

async function read<Body>(path: string, by = browser): Promise<Body> {
  const answer = await by.get<Body>(`${API}/${path}`);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.text}`);
  return answer.json();
}

describe('statistics', () => {
  it('join what tills told and what the ledger has', async () => {
    const { attempts, invoices } = await read<Overview>(`statistics?${PERIOD}`);
    expect(attempts.figures).toMatchObject({
      attempts: { value: 4 },
      issuedOnline: { value: 3 },
      failed: { value: 1 },
    });
    expect(invoices.figures).toMatchObject({ invoices: { value: 4 }, pending: { value: 1 } });
  });

  it('count nothing that lies outside of the view, nor of the filter', async () => {
    const values = async (by: TestBrowser, query = ''): Promise<number[]> => {
      const { attempts, invoices } = await read<Overview>(`statistics?${PERIOD}${query}`, by);
      return [attempts.figures.attempts.value, invoices.figures.invoices.value, invoices.money.length];
    };
    expect(await values(nobody)).toEqual([0, 0, 0]);
    expect(await values(regional)).toEqual([1, 1, 1]);
    expect(await values(regional, '&terminalId=north-till')).toEqual([0, 0, 0]);
    expect(await values(browser, '&region=North')).toEqual([3, 3, 1]);
  });

  it.each([
    [
      'statistics',
      [
        'series',
        'figures',
        'causes',
        'causeSeries',
        'invoiceSeries',
        'money',
        'taxes',
        'turnover',
        'warnings',
        'durations',
      ],
    ],
    ['failures', ['causes', 'causeSeries', 'terminals', 'heatMap', 'warnings']],
  ])('of %s come as CSV, table by table', async (report, tables) => {
    for (const table of tables) {
      const { status, text, headers } = await browser.get(`${API}/${report}?${PERIOD}&format=csv&table=${table}`);
      expect([table, status, headers['content-disposition']]).toEqual([
        table,
        200,
        `attachment; filename="${report}-${table}.csv"`,
      ]);
      const rows = parse(text, { bom: true, record_delimiter: '\r\n' });
      expect([table, rows.length > 0]).toEqual([table, true]);
    }
    const unknown = await browser.get(`${API}/${report}?${PERIOD}&format=csv&table=x`);
    expect(unknown.json()['code']).toBe('table_unknown');
  });

  it('list attempts, and hostile texts stay texts', async () => {
    const { items } = await read<Page<Record<string, unknown>>>(`failures/entries?${PERIOD}`);
    expect(items).toMatchObject([{ terminalId: 'north-till', cause: 'connect_timeout', source: 'till' }]);
    expect((await read<Page<unknown>>(`failures/entries?${PERIOD}&all=true`)).items).toHaveLength(4);
    const { text } = await browser.get(`${API}/failures/entries?${PERIOD}&format=csv`);
    const [row] = parse(text, { columns: true, bom: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    expect(row?.['detail']).toBe(`'=cmd|"/C calc"!A0 <script>`);
  });
});

describe('a terminal', () => {
  it('shows what waits, what is missing and what happened', async () => {
    const page = await read<TerminalPage>('terminals/north-till');
    expect(page.backlog).toMatchObject([{ invoiceId: waiting, lastCause: 'connect_timeout' }]);
    // A test terminal's certificate is good for a day.
    expect(page.missing).toMatchObject([
      { kind: 'gap', from: 3, to: 3 },
      { kind: 'certificate_expiring', daysLeft: 0 },
    ]);
    expect(page.journals).toMatchObject([{ journalId: till.journalId, firstCounter: 1, lastCounter: 4, invoices: 3 }]);
    const { items } = await read<Page<TimelineItem>>(`terminals/north-till/timeline?${PERIOD}&pageSize=2`);
    expect(items.filter(({ kind }) => kind === 'attempt')).toHaveLength(2);
    const all = await read<Page<TimelineItem>>(`terminals/north-till/timeline?${PERIOD}`);
    expect(all.items.map(({ at }) => at)).toEqual(
      all.items
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    const [row] = (await read<Page<TerminalRow>>('terminals?terminalId=north-till')).items;
    expect(row).toMatchObject({ pending: 1, lastSignAt: expect.stringMatching(/^2/) as string });
  });
});

describe('what is missing', () => {
  it('is listed and counted by kind, within the view', async () => {
    expect(await read<MissingCounts>('missing/counts')).toMatchObject({ gap: 1, fork: 0 });
    expect(await read<MissingCounts>('missing/counts', regional)).toMatchObject({ gap: 0 });
    for (const kind of MISSING_KINDS) {
      const { items } = await read<Page<{ kind: string }>>(`missing?kind=${kind}`);
      expect(items.every((item) => item.kind === kind)).toBe(true);
      expect((await browser.get(`${API}/missing?kind=${kind}&format=csv`)).status).toBe(200);
    }
    expect((await browser.get(`${API}/missing?kind=everything`)).json()['code']).toBe('invalid_request');
  });
});

describe('incidents and outages', () => {
  it('are listed, and one that is not there is not there', async () => {
    expect((await read<Page<Incident>>(`incidents?${PERIOD}`)).items.every(({ terminals }) => terminals > 0)).toBe(
      true,
    );
    for (const id of ['x', randomUUID(), encodeURIComponent(`' OR 1=1`)])
      expect((await browser.get(`${API}/incidents/${id}`)).json()['code']).toBe('not_on_file');
  });

  it('are declared and withdrawn by operators, within their view, and leave their trace', async () => {
    const draft = { start: aroundNow().from, end: aroundNow().to, scope: 'terminal', scopeId: 'north-till', reason };
    expect((await browser.post(`${API}/planned-outages`, draft)).json()['code']).toBe('role_missing');
    expect((await regional.post(`${API}/planned-outages`, draft)).json()['code']).toBe('not_on_file');
    expect((await operator.post(`${API}/planned-outages`, { ...draft, end: draft.start })).json()['code']).toBe(
      'period_backwards',
    );
    expect((await operator.post(`${API}/planned-outages`, { ...draft, scopeId: null })).json()['code']).toBe(
      'invalid_request',
    );
    const declared = await operator.post<PlannedOutage>(`${API}/planned-outages`, draft);
    expect(declared.status).toBe(201);
    const { plannedOutageId } = declared.json();
    expect((await regional.post(`${API}/planned-outages/${plannedOutageId}/withdrawal`, {})).json()['code']).toBe(
      'not_on_file',
    );
    const path = `${API}/planned-outages/${plannedOutageId}/withdrawal`;
    const withdrawn = await operator.post<PlannedOutage>(path, {});
    expect(withdrawn.status).toBe(200);
    expect((await operator.post(path, {})).json()).toEqual(withdrawn.json());
    const { items } = await read<Page<PlannedOutage>>('planned-outages');
    expect(items).toMatchObject([
      { plannedOutageId, declaredBy: operator.name, withdrawnAt: expect.any(String) as string },
    ]);
    expect(await trailOf(ground.ground, operator.name)).toEqual([
      ['planned_outage.declared', plannedOutageId, reason],
      ['planned_outage.withdrawn', plannedOutageId, null],
    ]);
  });

  it('are withdrawn by nobody who sees only some of what they concern', async () => {
    const draft = { start: aroundNow().from, end: aroundNow().to, scope: 'all', scopeId: null, reason };
    const { plannedOutageId } = (await operator.post<PlannedOutage>(`${API}/planned-outages`, draft)).json();
    const path = `${API}/planned-outages/${plannedOutageId}/withdrawal`;
    expect((await regional.post(path, {})).json()['code']).toBe('view_too_narrow');
    expect((await operator.post<PlannedOutage>(path, {})).json().withdrawnAt).not.toBeNull();
  });

  it('know closings of shops', async () => {
    const draft = { premisesId: till.terminal.premisesId, start: aroundNow().from, end: aroundNow().to, reason };
    expect((await regional.post(`${API}/closings`, draft)).json()['code']).toBe('not_on_file');
    const declared = await operator.post<SeasonalClosing>(`${API}/closings`, draft);
    expect(declared.status).toBe(201);
    const { closingId, premisesId } = declared.json();
    const withdrawn = await operator.post<SeasonalClosing>(`${API}/closings/${closingId}/withdrawal`, {});
    expect(withdrawn.json()).toMatchObject({ closingId, withdrawnAt: expect.any(String) as string });
    expect((await operator.post(`${API}/closings/${closingId}/withdrawal`, {})).json()).toEqual(withdrawn.json());
    const trail = await trailOf(ground.ground, operator.name);
    expect(trail.filter(([action]) => String(action).startsWith('closing'))).toEqual([
      ['closing.declared', premisesId, reason],
      ['closing.withdrawn', premisesId, null],
    ]);
    expect((await read<Page<SeasonalClosing>>('closings', regional)).items).toEqual([]);
  });
});

describe('signals and reports', () => {
  it('are marked by as many officials at once as there are sessions', async () => {
    const sessions = 2;
    const environment = { DATABASE_REPORTS_POOL_SIZE: String(sessions) };
    const small = await startTestServer({ ground: ground.ground, environment });
    const official = await signIn(small);
    const path = `${API}/signals/void_share.2026-10.nobody/marks`;
    const mark = () => official.post(path, { mark: 'harmless', note: '' });
    const marked = await Promise.all(Array.from({ length: 2 * sessions }, mark));
    expect(marked.map(({ status }) => status)).toEqual(marked.map(() => 404));
    await small.stop();
  });

  it('are listed, filtered, and marked only where they are', async () => {
    expect((await read<Page<unknown>>(`signals?${PERIOD}&rule=void_share&mark=open`)).items).toEqual([]);
    const marked = await browser.post(`${API}/signals/nothing/marks`, { mark: 'harmless', note: '' });
    expect([marked.status, marked.json()['code']]).toEqual([404, 'not_on_file']);
    expect((await browser.post(`${API}/signals/nothing/marks`, { mark: 'guilty', note: '' })).status).toBe(400);
  });

  it('of customers are seen and handled within the view', async () => {
    await ground.ground.superuser.query(
      `INSERT INTO receipt_report (code, premises_id, standing, reason, message, language)
       VALUES ('90000000000100000000', $1, 'on_file', 'other', '<b>=1+1</b>', 'en')`,
      [till.terminal.premisesId],
    );
    const [report] = (await read<Page<CustomerReport>>('reports?state=new')).items;
    expect(report).toMatchObject({ text: '<b>=1+1</b>', region: 'North', state: 'new' });
    const path = `${API}/reports/${report!.reportId}/states`;
    expect((await regional.post(path, { state: 'harmless', note: 'x' })).json()['code']).toBe('not_on_file');
    expect((await browser.post(path, { state: 'to_follow', note: 'call the shop' })).status).toBe(200);
    expect((await read<Page<CustomerReport>>('reports?state=to_follow')).items).toHaveLength(1);
    expect((await read<Page<CustomerReport>>('reports', regional)).items).toEqual([]);
    expect(await trailOf(ground.ground, browser.name)).toContainEqual(['report.handled', report!.reportId, null]);
  });
});

describe('every route of the console', () => {
  it('that reads says nothing to who may see nothing, and nothing at all without a session', async () => {
    const document = (await call(ground.server, '/openapi.json', { listener: 'public' })).json() as {
      paths: Record<string, Record<string, unknown>>;
    };
    const paths = Object.entries(document.paths)
      .filter(([path, methods]) => path.startsWith(API) && 'get' in methods && !path.includes('{'))
      .map(([path]) => path);
    expect(paths.length).toBeGreaterThan(12);
    for (const path of paths) {
      const kind = path.endsWith('/missing') ? '&kind=gap' : '';
      const hasPeriod = /statistics|failures|incidents$|refused|signals/.test(path);
      const address = `${path}?${hasPeriod ? PERIOD : 'format=json'}${kind}`;
      const anybody = await call(ground.server, address, { listener: 'public' });
      expect([path, anybody.status]).toEqual([path, 401]);
      const blind = await nobody.get(address);
      expect([path, /north-till|south-till|chain-[ns]/.test(blind.text)]).toEqual([path, false]);
    }
  });
});

describe('a timeline', () => {
  it('has on some page what happened between the attempts of two pages', async () => {
    const timeline = (slice: string): Promise<Page<TimelineItem>> =>
      read<Page<TimelineItem>>(`terminals/north-till/timeline?${PERIOD}&${slice}`);
    const attempts = (await timeline('page=1')).items.filter(({ kind }) => kind === 'attempt').map(({ at }) => at);
    const [newest = '', second = ''] = attempts;
    await ground.ground.superuser.query(
      `INSERT INTO refused_invoice (terminal_id, digest, body, cause, detail, door, refused_at)
       VALUES ('north-till', sha256('between'), 'x', 'invalid_signature', '', 'issue', $1::timestamptz + ($2::timestamptz - $1) / 2)`,
      [newest, second],
    );
    const all = (await timeline('page=1')).items;
    expect(all.map(({ kind }) => kind).slice(0, 3)).toEqual(['attempt', 'refused_invoice', 'attempt']);
    const paged: TimelineItem[] = [];
    for (let number = 1, more = true; more; number += 1) {
      const one = await timeline(`pageSize=1&page=${number}`);
      paged.push(...one.items);
      ({ more } = one);
    }
    expect(paged).toEqual(all);
  });
});
