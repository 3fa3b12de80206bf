import { beforeEach, expect, it } from 'vitest';
import { BoundedMap } from './bounded-map.js';
import { BriefCache } from './brief-cache.js';

let nowMs = 0;
let asked: string[] = [];
let answer: (key: string) => Promise<string>;

beforeEach(() => {
  nowMs = 0;
  asked = [];
  answer = (key) => Promise.resolve(`${key}@${nowMs}`);
});

const newCache = () =>
  new BriefCache<string, string>(
    (key) => {
      asked.push(key);
      return answer(key);
    },
    { ageMsMax: 500, entriesMax: 2, now: () => nowMs },
  );

it('believes an answer for its age and not a millisecond longer', async () => {
  const cache = newCache();
  expect(await cache.get('a')).toBe('a@0');
  nowMs = 499;
  expect(await cache.get('a')).toBe('a@0');
  nowMs = 500;
  expect(await cache.get('a')).toBe('a@500');
});

it('counts the age from the question, not from a late answer', async () => {
  const cache = newCache();
  let release = (): void => {};
  answer = () => new Promise((resolve) => (release = () => resolve('late')));
  const first = cache.get('a');
  nowMs = 400;
  release();
  expect(await first).toBe('late');
  nowMs = 500;
  answer = () => Promise.resolve('new');
  expect(await cache.get('a')).toBe('new');
});

it('asks once for all who want to know at the same time', async () => {
  const cache = newCache();
  expect(await Promise.all([cache.get('a'), cache.get('a'), cache.get('b')])).toEqual(['a@0', 'a@0', 'b@0']);
  expect(asked).toEqual(['a', 'b']);
});

it('does not remember failures', async () => {
  const cache = newCache();
  answer = () => Promise.reject(new Error('down'));
  await expect(cache.get('a')).rejects.toThrow('down');
  answer = () => Promise.resolve('up');
  expect(await cache.get('a')).toBe('up');
});

it('stays within its bound', async () => {
  const cache = newCache();
  await Promise.all(['a', 'b', 'c'].map((key) => cache.get(key)));
  await cache.get('c');
  await cache.get('a');
  expect(asked).toEqual(['a', 'b', 'c', 'a']);
  const map = new BoundedMap<number, number>(3);
  for (let key = 0; key < 10; key += 1) map.set(key, key);
  expect([map.size, map.get(6), map.get(7)]).toEqual([3, undefined, 7]);
});

it('tells the last answer without asking, also while a new one is under way', async () => {
  const cache = newCache();
  expect(cache.last('a')).toBeUndefined();
  await cache.get('a');
  answer = () => new Promise(() => undefined);
  void cache.refresh('a');
  expect([cache.last('a'), asked]).toEqual(['a@0', ['a', 'a']]);
});
