import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Gate } from './gate.js';

/** Work that ends when the test says so. */
function held(name: string, begun: string[]) {
  let end: (error?: Error) => void = () => undefined;
  const work = (): Promise<string> => {
    begun.push(name);
    return new Promise((resolve, reject) => {
      end = (error) => (error ? reject(error) : resolve(name));
    });
  };
  return { work, end: (error?: Error) => end(error) };
}

/** Lets everything that is settled go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

afterEach(() => vi.useRealTimers());

describe('Gate', () => {
  it('lets so many in at a time, in order, and turns the rest away', async () => {
    const begun: string[] = [];
    const gate = new Gate({ insideMax: 2, waitingMax: 1, holderMax: 1 });
    const [a, b, c, d] = [held('a', begun), held('b', begun), held('c', begun), held('d', begun)];
    const passing = [gate.pass('a', 1, a.work), gate.pass('b', 1, b.work), gate.pass('c', 1, c.work)];
    expect(await gate.pass('d', 1, d.work)).toBeNull();
    expect([begun, gate.waiting]).toEqual([['a', 'b'], 1]);
    a.end();
    expect(await passing[0]).toBe('a');
    await settle();
    expect(begun).toEqual(['a', 'b', 'c']);
    b.end();
    c.end();
    expect(await Promise.all(passing)).toEqual(['a', 'b', 'c']);
  });

  it('turns away more works of one holder than it may have, and lets others in', async () => {
    const begun: string[] = [];
    const gate = new Gate({ insideMax: 1, waitingMax: 9, holderMax: 2 });
    const works = ['a1', 'a2', 'a3', 'b1'].map((name) => held(name, begun));
    const passing = works.map(({ work }, index) => gate.pass(index < 3 ? 'a' : 'b', 1, work));
    expect(await passing[2]).toBeNull();
    works[0]!.end();
    await settle();
    works[3]!.end();
    await settle();
    works[1]!.end();
    expect([begun, await Promise.all(passing)]).toEqual([
      ['a1', 'b1', 'a2'],
      ['a1', 'a2', null, 'b1'],
    ]);
  });

  it('has one work of a holder inside at a time, whatever places are free', async () => {
    const begun: string[] = [];
    const gate = new Gate({ insideMax: 2, waitingMax: 9, holderMax: 9 });
    const works = ['a1', 'a2', 'b1'].map((name) => held(name, begun));
    const passing = works.map(({ work }, index) => gate.pass(index < 2 ? 'a' : 'b', 1, work));
    await settle();
    expect([begun, gate.waiting]).toEqual([['a1', 'b1'], 1]);
    works[0]!.end();
    await settle();
    expect(begun).toEqual(['a1', 'b1', 'a2']);
    works[1]!.end();
    works[2]!.end();
    expect(await Promise.all(passing)).toEqual(['a1', 'a2', 'b1']);
  });

  it('keeps nobody out for what one holder has behind its own work', async () => {
    const gate = new Gate({ insideMax: 1, waitingMax: 1, holderMax: 9 });
    const leave = await gate.enter('a', 1);
    const line = Array.from({ length: 8 }, () => gate.enter('a', 1));
    const other = gate.enter('b', 1);
    expect([gate.waiting, await gate.enter('c', 1)]).toEqual([9, null]);
    leave?.();
    const next = await other;
    expect(next).not.toBeNull();
    next?.();
    for (const entering of line) (await entering)?.();
    expect(gate.waiting).toBe(0);
  });

  it('frees the place of work that failed', async () => {
    const begun: string[] = [];
    const gate = new Gate({ insideMax: 1, waitingMax: 0, holderMax: 1 });
    const bad = held('bad', begun);
    const failing = gate.pass('a', 1, bad.work);
    await settle();
    bad.end(new Error('database away'));
    await expect(failing).rejects.toThrow('database away');
    const good = held('good', begun);
    const passing = gate.pass('a', 1, good.work);
    await settle();
    good.end();
    expect(await passing).toBe('good');
  });

  it('turns away what waited too long, and hands the place to the next', async () => {
    const gate = new Gate({ insideMax: 1, waitingMax: 9, holderMax: 9, waitMsMax: 5 });
    const leave = await gate.enter('a', 1);
    expect(await gate.enter('b', 1)).toBeNull();
    expect(gate.waiting).toBe(0);
    leave?.();
    leave?.();
    expect(await gate.enter('b', 1)).not.toBeNull();
  });

  it('never lets in more than it may, and lets in everybody who is not turned away', async () => {
    const visits = fc.array(fc.record({ holder: fc.constantFrom('a', 'b', 'c'), weight: fc.nat(9) }), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(visits, fc.integer({ min: 1, max: 3 }), async (all, insideMax) => {
        const gate = new Gate({ insideMax, waitingMax: 10, holderMax: 5 });
        let inside = 0;
        const results = await Promise.all(
          all.map(({ holder, weight }) =>
            gate.pass(holder, weight, async () => {
              inside += 1;
              expect(inside).toBeLessThanOrEqual(insideMax);
              await settle();
              inside -= 1;
              return 'done';
            }),
          ),
        );
        expect(results.every((result) => result === 'done' || result === null)).toBe(true);
        expect([inside, gate.waiting]).toEqual([0, 0]);
        expect(await gate.pass('a', 1, () => Promise.resolve('again'))).toBe('again');
      }),
      { numRuns: 30 },
    );
  });

  it('turns away what waited too long behind works of its own holder', async () => {
    vi.useFakeTimers();
    const gate = new Gate({ insideMax: 1, waitingMax: 9, holderMax: 9, waitMsMax: 10 });
    const leave = await gate.enter('a', 1);
    const line = [gate.enter('a', 1), gate.enter('a', 1)];
    await vi.advanceTimersByTimeAsync(10);
    expect([await Promise.all(line), gate.waiting]).toEqual([[null, null], 0]);
    leave?.();
    expect(await gate.enter('a', 1)).not.toBeNull();
  });

  it('has one deadline for the wait behind its holder and the wait for its turn', async () => {
    vi.useFakeTimers();
    const gate = new Gate({ insideMax: 1, waitingMax: 9, holderMax: 9, waitMsMax: 10 });
    const leave = await gate.enter('a', 1);
    const other = gate.enter('b', 1);
    const second = gate.enter('a', 1);
    await vi.advanceTimersByTimeAsync(6);
    leave?.();
    expect(await other).not.toBeNull();
    await vi.advanceTimersByTimeAsync(4);
    expect([await second, gate.waiting]).toEqual([null, 0]);
  });

  it('lets nobody wait longer, forgets nobody and loses no place, whoever comes when and stays how long', async () => {
    const WAIT_MS_MAX = 20;
    const visits = fc.array(
      fc.record({
        holder: fc.constantFrom('a', 'b', 'c', 'd'),
        weight: fc.nat(9),
        comesMs: fc.nat(60),
        staysMs: fc.nat(25),
      }),
      { maxLength: 40 },
    );
    const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    vi.useFakeTimers();
    await fc.assert(
      fc.asyncProperty(visits, fc.integer({ min: 1, max: 3 }), async (all, insideMax) => {
        const gate = new Gate({ insideMax, waitingMax: 3, holderMax: 5, waitMsMax: WAIT_MS_MAX });
        const waits: number[] = [];
        let inside = 0;
        const visiting = all.map(async ({ holder, weight, comesMs, staysMs }) => {
          await sleep(comesMs);
          const fromMs = Date.now();
          const leave = await gate.enter(holder, weight);
          waits.push(Date.now() - fromMs);
          if (leave === null) return;
          inside += 1;
          expect(inside).toBeLessThanOrEqual(insideMax);
          await sleep(staysMs);
          inside -= 1;
          leave();
        });
        await vi.runAllTimersAsync();
        expect(waits).toHaveLength(all.length);
        await Promise.all(visiting);
        for (const wait of waits) expect(wait).toBeLessThanOrEqual(WAIT_MS_MAX);
        expect(gate.waiting).toBe(0);
        const places = await Promise.all(
          Array.from({ length: insideMax }, (_, index) => gate.enter(`new ${index}`, 1)),
        );
        expect(places).not.toContain(null);
        for (const leave of places) leave?.();
      }),
      { numRuns: 100 },
    );
  });
});
