import { describe, expect, it } from 'vitest';
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

describe('Gate', () => {
  it('lets so many in at a time, in order, and turns the rest away', async () => {
    const begun: string[] = [];
    const gate = new Gate(2, 1);
    const [a, b, c, d] = [held('a', begun), held('b', begun), held('c', begun), held('d', begun)];
    const passing = [gate.pass(a.work), gate.pass(b.work), gate.pass(c.work)];
    expect(await gate.pass(d.work)).toBeNull();
    expect(begun).toEqual(['a', 'b']);
    a.end();
    expect(await passing[0]).toBe('a');
    expect(begun).toEqual(['a', 'b', 'c']);
    b.end();
    c.end();
    expect(await Promise.all(passing)).toEqual(['a', 'b', 'c']);
  });

  it('frees the place of work that failed', async () => {
    const begun: string[] = [];
    const gate = new Gate(1, 0);
    const bad = held('bad', begun);
    const failing = gate.pass(bad.work);
    bad.end(new Error('database away'));
    await expect(failing).rejects.toThrow('database away');
    const good = held('good', begun);
    const passing = gate.pass(good.work);
    good.end();
    expect(await passing).toBe('good');
  });
});
