import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MOMENT_MS, salesOf } from './calendar.js';
import { planFleet } from './fleet-plan.js';
import { Random } from './random.js';
import { missOf, writeStory } from './story.js';

const START = Date.parse('2026-10-23T00:00:00Z');
const tills = planFleet(200, new Random('seed 1').fork('fleet'));
const story = writeStory(tills, START, 30, new Random('seed 1').fork('story'));

describe('the fleet', () => {
  it('has as many tills as asked for, each in premises of one taxpayer, the same for the same seed', () => {
    expect(tills).toHaveLength(200);
    expect(new Set(tills.map(({ terminalId }) => terminalId)).size).toBe(200);
    expect(planFleet(200, new Random('seed 1').fork('fleet'))).toEqual(tills);
    const owners = new Map(tills.map(({ premises }) => [premises.premisesId, premises.taxpayerId]));
    expect(tills.every(({ premises }) => owners.get(premises.premisesId) === premises.taxpayerId)).toBe(true);
    expect(new Set(owners.values()).size).toBeLessThan(owners.size);
    expect(new Set(tills.map(({ premises }) => premises.region)).size).toBe(5);
  });

  it('may be a single till', () => {
    const [only] = planFleet(1, new Random('one'));
    const alone = writeStory([only!], START, 1, new Random('one'));
    expect(Object.values(alone.odd)).toEqual([null, null, null, null, null, null]);
    expect(alone.outages).toHaveLength(3);
  });
});

describe('the story', () => {
  it('has three outages of different kinds within the month', () => {
    const hit = story.outages.map((outage) => tills.filter((till) => outage.hits(till)).length);
    expect(hit[0]).toBe(200);
    expect(hit[1]).toBeGreaterThan(hit[2]!);
    expect(hit[1]).toBeLessThan(200);
    expect(hit[2]).toBeGreaterThan(0);
    expect(new Set(story.outages.map(({ miss }) => miss.cause)).size).toBe(3);
    for (const { fromMs, toMs } of story.outages) {
      expect(fromMs).toBeGreaterThanOrEqual(START);
      expect(toMs).toBeLessThan(START + 30 * DAY_MS);
    }
    const [first] = story.outages;
    expect(missOf(story, tills[0]!, first!.fromMs)?.cause).toBe('connection_refused');
    expect(missOf(story, tills[0]!, first!.fromMs - 1)).toBeNull();
  });

  it('gives every oddity to a till of its own', () => {
    const odd = Object.values(story.odd);
    expect(new Set(odd).size).toBe(odd.length);
    expect(odd).not.toContain(null);
  });
});

describe('a day', () => {
  const of = (till: (typeof tills)[number], day: string): number[] =>
    salesOf(till, Date.parse(`${day}T00:00:00Z`), 30, new Random(`${till.terminalId} ${day}`));

  it('is within opening hours, in order, on the raster', () => {
    const sales = of(tills[0]!, '2026-11-03');
    expect(sales).toEqual(sales.toSorted((one, other) => one - other));
    expect(sales.every((time) => time % MOMENT_MS === 0)).toBe(true);
    const hours = sales.map((time) => (time % DAY_MS) / HOUR_MS);
    expect(Math.min(...hours)).toBeGreaterThanOrEqual(7);
    expect(Math.max(...hours)).toBeLessThan(22);
  });

  it('is busier on Saturday than on Sunday', () => {
    const total = (day: string): number => tills.reduce((sum, till) => sum + of(till, day).length, 0);
    expect(total('2026-11-07')).toBeGreaterThan(1.3 * total('2026-11-08'));
  });
});
