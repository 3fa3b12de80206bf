import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aroundNow, type ConsoleGround, openConsoleGround } from '../console-api/ground.js';
import type { Till } from '../issuance/office.js';
import { call } from '../support/client.js';
import { signIn, type TestBrowser } from '../support/officials.js';

const CONSOLE = '/v1/console';

let ground: ConsoleGround;
let foreign: Till;
/** Whatever names the shop that only some may see. */
let marks: readonly string[];
let everything: TestBrowser;
let ofRegion: TestBrowser;
let ofTaxpayer: TestBrowser;
let getRoutes: readonly string[];

beforeAll(async () => {
  ground = await openConsoleGround();
  const own = await ground.till({ region: 'seen', taxpayerId: 'own-taxpayer', premisesId: 'own-premises' });
  foreign = await ground.till({
    region: 'unseen-region',
    terminalId: 'unseen-terminal',
    taxpayerId: 'unseen-taxpayer',
    premisesId: 'unseen-premises',
  });
  await ground.sell(own);
  const sold = await ground.sell(foreign);
  // One that is refused: its total does not fit.
  await ground.send(foreign, foreign.sign({ total: 1 }).jws);
  marks = ['unseen-', sold.invoice.id, foreign.journalId, foreign.terminal.thumbprint];
  everything = await signIn(ground.server, { roles: ['administrator'] });
  ofRegion = await signIn(ground.server, { roles: ['operator'], view: { kind: 'regions', regions: ['seen'] } });
  ofTaxpayer = await signIn(ground.server, {
    roles: ['operator'],
    view: { kind: 'taxpayers', taxpayerIds: ['own-taxpayer'] },
  });
  const { paths } = (
    await call<{ paths: Record<string, Record<string, unknown>> }>(ground.server, '/openapi.json', {
      listener: 'public',
    })
  ).json();
  getRoutes = Object.entries(paths)
    .filter(([path, methods]) => path.startsWith(CONSOLE) && methods['get'] !== undefined)
    .map(([path]) => path);
});

afterAll(() => ground.close());

/** Queries that a route may take or refuse; whatever it does, it must not tell. */
function queries(): string[] {
  const period = { ...aroundNow(2), zone: 'UTC', step: 'hour' };
  return [
    {},
    { format: 'csv' },
    period,
    { ...period, format: 'csv' },
    ...[
      { terminalId: foreign.terminalId },
      { premisesId: 'unseen-premises' },
      { taxpayerId: 'unseen-taxpayer' },
    ].flatMap((filter) => [filter, { ...period, ...filter }]),
    { region: 'unseen-region' },
    { ...period, region: 'unseen-region' },
  ].map((query) => new URLSearchParams(query as Record<string, string>).toString());
}

/** A path that names the terminal that is not to be seen. */
function pathOf(route: string): string {
  return route.replace('{terminalId}', foreign.terminalId).replaceAll(/\{[^}]+\}/g, 'x');
}

/** What answers tell of the shop, without what the asker said himself. */
async function told(browser: TestBrowser): Promise<{ readonly told: readonly string[]; readonly asked: number }> {
  const tellers: string[] = [];
  let asked = 0;
  for (const route of getRoutes)
    for (const query of queries()) {
      const answer = await browser.get(`${pathOf(route)}?${query}`);
      expect([route, query, answer.status < 500]).toEqual([route, query, true]);
      if (answer.status === 200) asked += 1;
      if (marks.some((mark) => answer.text.includes(mark))) tellers.push(`${route}?${query}`);
    }
  return { told: tellers, asked };
}

describe('a shop outside an official’s view', () => {
  it('is in answers to who sees all: there is something to be found', async () => {
    const { told: tellers, asked } = await told(everything);
    expect(asked).toBeGreaterThan(20);
    expect(new Set(tellers.map((teller) => teller.split('?')[0])).size).toBeGreaterThan(4);
  });

  it.each([
    ['a region', () => ofRegion],
    ['a taxpayer', () => ofTaxpayer],
  ])('is in no answer to who sees %s, whatever is asked', async (_, browser) => {
    const { told: tellers, asked } = await told(browser());
    expect(tellers).toEqual([]);
    expect(asked).toBeGreaterThan(10);
  });

  it('is not there, as one that was never registered', async () => {
    const statuses: number[] = [];
    for (const route of getRoutes.filter((path) => path.includes('{terminalId}')))
      for (const query of ['', `?${new URLSearchParams(aroundNow(2)).toString()}`]) {
        const path = `${route}${query}`;
        const unseen = await ofRegion.get(path.replace('{terminalId}', foreign.terminalId));
        const unknown = await ofRegion.get(path.replace('{terminalId}', 'never-registered'));
        expect([path, unseen.status, unseen.json()['code']]).toEqual([path, unknown.status, unknown.json()['code']]);
        statuses.push(unseen.status);
      }
    // Each of them takes one of the queries at least.
    expect(statuses.filter((status) => status === 404).length).toBeGreaterThanOrEqual(statuses.length / 2);
    expect(statuses).not.toContain(200);
  });

  it.each([
    ['terminals/unseen-terminal/status', { status: 'suspended', reason: 'because I can' }],
    ['terminals/unseen-terminal/invitations', { reason: 'because I can' }],
    ['taxpayers/unseen-taxpayer/changes', { name: 'Another' }],
    ['premises/unseen-premises/changes', { name: 'Another' }],
    ['premises/unseen-premises/changes', { region: 'seen' }],
    ['premises/own-premises/changes', { region: 'unseen-region' }],
    ['evidence', { premisesId: 'unseen-premises', ...aroundNow(2), zone: 'UTC', reason: 'because I can' }],
    ['parameters', { threshold: 1 }],
  ])('is not changed or taken along by %s', async (path, body) => {
    const state = async (): Promise<unknown> =>
      (
        await ground.ground.superuser.query(
          `SELECT (SELECT array_agg(t) FROM terminal t) AS terminals, (SELECT array_agg(p) FROM premises p) AS premises,
             (SELECT array_agg(x) FROM taxpayer x) AS taxpayers, (SELECT count(*) FROM invitation) AS invitations,
             (SELECT count(*) FROM parameters_version) AS versions`,
        )
      ).rows;
    const before = await state();
    for (const browser of [ofRegion, ofTaxpayer]) {
      const answer = await browser.post(`${CONSOLE}/${path}`, body);
      expect([path, answer.status >= 400 && answer.status < 500]).toEqual([path, true]);
    }
    expect(await state()).toEqual(before);
  });
});
