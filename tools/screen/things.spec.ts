import { describe, expect, it } from 'vitest';
import { Interrupted, Things } from './things.js';

describe('Things', () => {
  it('end in the opposite order, also when one fails', async () => {
    const things = new Things();
    const ended: string[] = [];
    things.add(async () => ended.push('first'));
    things.add(() => Promise.reject(new Error('stuck')));
    things.add(async () => ended.push('last'));
    expect(await things.end()).toStrictEqual(['stuck']);
    expect(ended).toStrictEqual(['last', 'first']);
    expect(await things.end()).toStrictEqual([]);
  });

  it('that are started too late end at once', async () => {
    const things = new Things();
    await things.end();
    const ended: string[] = [];
    things.add(async () => ended.push('late'));
    expect(ended).toStrictEqual(['late']);
  });

  it('stop waiting for work when a person asks', async () => {
    const things = new Things();
    const waiting = things.unlessInterrupted(new Promise(() => {}));
    things.interrupt('SIGINT');
    await expect(waiting).rejects.toThrow(Interrupted);
    await expect(things.unlessInterrupted(new Promise(() => {}))).rejects.toThrow(Interrupted);
  });

  it('tell what everything stood on', async () => {
    const things = new Things();
    things.fail('PostgreSQL ended');
    await expect(things.unlessInterrupted(new Promise(() => {}))).rejects.toThrow('PostgreSQL ended');
  });
});

it('tells what ended a tool that stayed up: nobody’s fault, or what is gone', async () => {
  const asked = new Things();
  const gone = new Things();
  const [whenAsked, whenGone] = [asked.interrupted(), gone.interrupted()];
  asked.interrupt('SIGINT');
  gone.fail('The server ended by itself.');
  expect(await whenAsked).toBeNull();
  expect(await whenGone).toBe('The server ended by itself.');
  expect(await gone.interrupted()).toBe('The server ended by itself.');
});
