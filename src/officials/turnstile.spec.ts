import { expect, it } from 'vitest';
import { Turnstile } from './turnstile.js';

it('lets so many in at once, so many wait in order, and sends the rest away', async () => {
  const turnstile = new Turnstile(2, 2);
  const leave: (() => void)[] = [];
  const entered: number[] = [];
  const visit = (number: number): Promise<number | 'busy'> =>
    turnstile.pass(async () => {
      entered.push(number);
      await new Promise<void>((resolve) => leave.push(resolve));
      return number;
    });
  const visits = [1, 2, 3, 4].map(visit);
  expect(await visit(5)).toBe('busy');
  expect(entered).toEqual([1, 2]);
  leave.shift()?.();
  expect(await visits[0]).toBe(1);
  await Promise.resolve();
  expect(entered).toEqual([1, 2, 3]);
  while (leave.length > 0) {
    leave.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await Promise.all(visits)).toEqual([1, 2, 3, 4]);
});

it('keeps the place of one who fails for the next', async () => {
  const turnstile = new Turnstile(1, 1);
  await expect(turnstile.pass(() => Promise.reject(new Error('x')))).rejects.toThrow('x');
  expect(await turnstile.pass(() => Promise.resolve('in'))).toBe('in');
});
