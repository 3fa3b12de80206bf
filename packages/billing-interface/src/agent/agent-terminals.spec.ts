import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lanes } from './lanes.js';
import {
  addTerminal,
  copyTerminal,
  type AgentFixture,
  sampleDraft,
  startFixture,
  TOKEN,
} from '../testing/agent-fixture.js';

let fixture: AgentFixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.end());

const json = async (path: string): Promise<unknown> => (await fixture.call(path)).json();

describe('terminals', () => {
  it('are listed, also one that could not be opened, and why', async () => {
    expect(await json('/v1/terminals')).toMatchObject({
      terminals: [
        { terminalId: 'damaged-3', state: 'unavailable', detail: 'The journal is damaged. Export it.' },
        { terminalId: 'till-1', state: 'open' },
        { terminalId: 'till-2', state: 'open' },
      ],
    });
    expect(await json('/v1/health')).toEqual({
      status: 'degraded',
      version: '0.0.0',
      terminals: { open: 2, unavailable: 1 },
    });
  });

  it('keep their sales apart', async () => {
    await fixture.post('/v1/terminals/till-1/sales/mine', sampleDraft);
    expect((await fixture.call('/v1/terminals/till-2/sales/mine')).status).toBe(404);
    const unknown = await fixture.call('/v1/terminals/till-9/status');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ code: 'terminal_not_here' });
  });

  it('tell status, log, and what a drain did', async () => {
    expect(await json('/v1/terminals/till-1/status')).toMatchObject({ terminalId: 'till-1', circuit: 'closed' });
    expect(await json('/v1/terminals/till-1/log?limit=1')).toMatchObject({
      entries: [{ cause: 'connection_refused' }],
    });
    const drained = await fixture.call('/v1/terminals/till-1/drain', {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(await drained.json()).toMatchObject({ issued: 2, stillWaiting: 0 });
    const damaged = await fixture.call('/v1/terminals/damaged-3/status');
    expect(damaged.status).toBe(503);
    expect(await damaged.json()).toMatchObject({
      code: 'terminal_unavailable',
      detail: 'The journal is damaged. Export it.',
    });
  });

  it('take parameters', async () => {
    const path = '/v1/terminals/till-1/parameters';
    expect((await fixture.post(path, { parameters: 'good' })).status).toBe(200);
    expect((await fixture.post(path, { parameters: 'bad' })).status).toBe(422);
    expect((await fixture.post(path, { parameters: 7 })).status).toBe(400);
    expect((await fixture.post(path, '')).status).toBe(400);
  });
});

describe('the feed', () => {
  it('is followed with a cursor, and answers as soon as something happens', async () => {
    const till = fixture.tills.get('till-2')!;
    expect(await json('/v1/terminals/till-2/feed')).toEqual({ events: [], cursor: 0 });
    const waiting = fixture.call('/v1/terminals/till-2/feed?cursor=0&waitMs=20000');
    await expect.poll(() => till.waiters).toBe(1);
    till.tell('first');
    const first = (await (await waiting).json()) as { cursor: number };
    expect(first).toMatchObject({ events: [{ detail: 'first' }], cursor: 1 });
    till.tell('second');
    till.tell('third');
    expect(await json('/v1/terminals/till-2/feed?cursor=1&limit=1')).toMatchObject({
      events: [{ detail: 'second' }],
      cursor: 2,
    });
  });

  it('is empty after the time it was given', async () => {
    expect(await json('/v1/terminals/till-1/feed?waitMs=20')).toEqual({ events: [], cursor: 0 });
  });

  it.each(['cursor=-1', 'cursor=1e3', 'cursor=0x10', 'cursor=', 'waitMs=50001', 'limit=0', 'wait=1'])(
    'refuses %s',
    async (query) => {
      expect((await fixture.call(`/v1/terminals/till-1/feed?${query}`)).status).toBe(400);
    },
  );

  it('bounds how many wait', async () => {
    const till = fixture.tills.get('till-1')!;
    const waiting = Array.from({ length: 16 }, () => fixture.call('/v1/terminals/till-1/feed?waitMs=20000'));
    await expect.poll(() => till.waiters).toBe(16);
    expect((await fixture.call('/v1/terminals/till-1/feed?waitMs=20000')).status).toBe(429);
    till.tell('end');
    const answers = await Promise.all(waiting);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200));
  });
});

describe('a folder that is enrolled while the agent runs', () => {
  it('is found when it is first asked for', async () => {
    let nowMs = 0;
    const opened: string[] = [];
    const warned: string[] = [];
    const lanes = new Lanes(
      [fixture.directory],
      (directory) => {
        opened.push(directory);
        throw new Error('not now');
      },
      (message) => warned.push(message),
      () => nowMs,
    );
    await lanes.open();
    expect(opened.length).toBe(3);
    addTerminal(fixture.directory, 'till-4');
    expect(await lanes.till('till-4')).toEqual({ state: 'unknown' });
    nowMs = 5000;
    expect(await lanes.till('till-4')).toEqual({ state: 'unavailable', detail: 'not now' });
    await lanes.till('till-4');
    expect(opened.length).toBe(4);
    nowMs = 10_000;
    await lanes.till('till-4');
    expect(opened.length).toBe(5);
    expect(warned).toEqual([]);
    copyTerminal(fixture.directory, 'till-4', 'till-4-copy');
    nowMs = 20_000;
    await lanes.till('unknown');
    nowMs = 30_000;
    await lanes.till('unknown');
    expect(warned).toEqual([expect.stringContaining('till-4-copy is not served: terminal till-4 is served from')]);
  });
});
