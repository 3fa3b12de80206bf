import { describe, expect, it } from 'vitest';
import { Figures } from './figures.js';

const ANSWER_MS = 20;

describe('figures of the database', () => {
  it('are asked again only when they are too old', async () => {
    let nowMs = 0;
    let asked = 0;
    const figures = new Figures(ANSWER_MS, () => nowMs);
    const figure = figures.add('sequence', 1_000, () => Promise.resolve((asked += 1)));
    expect(figure.value).toBe(null);
    for (nowMs of [0, 500, 999]) await figures.refresh();
    expect([figure.value, asked]).toEqual([1, 1]);
    nowMs = 1_000;
    await figures.refresh();
    expect(figure.value).toBe(2);
  });

  it('are unknown after a failure, asked again the next time, and fail nobody else', async () => {
    const figures = new Figures(ANSWER_MS);
    let isDown = true;
    const one = figures.add('one', 1_000, () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve(1)));
    const other = figures.add('other', 1_000, () => Promise.resolve(2));
    await figures.refresh();
    expect([one.value, other.value]).toEqual([null, 2]);
    expect(figures.list().map(({ name, isKnown }) => [name, isKnown])).toEqual([
      ['one', false],
      ['other', true],
    ]);
    isDown = false;
    await figures.refresh();
    expect(one.value).toBe(1);
  });

  it('are not waited for when the database hangs, and not asked a second time meanwhile', async () => {
    const figures = new Figures(ANSWER_MS);
    let asked = 0;
    let answer: (value: number) => void = () => undefined;
    const figure = figures.add('slow', 0, () => {
      asked += 1;
      return new Promise<number>((resolve) => {
        answer = resolve;
      });
    });
    await figures.refresh();
    await figures.refresh();
    expect([figure.value, asked]).toEqual([null, 1]);
    answer(7);
    await figures.refresh();
    expect(figure.value).toBe(7);
  });
});
