import { expect, it } from 'vitest';
import { Things } from '../screen/things.js';
import type { PlannedFault } from './fault.js';
import type { RunResult } from './run.js';
import { shrink } from './shrink.js';

const SCHEDULE: readonly PlannedFault[] = Array.from({ length: 20 }, (_, index) => ({
  id: index + 1,
  kind: 'server_killed',
  atMs: index,
  forMs: 1,
  holds: [],
  detail: {},
}));

/** A run that fails where all of these faults are in it. */
function failsWith(...ids: readonly number[]) {
  return (schedule: readonly PlannedFault[]): Promise<RunResult> => {
    const isWell = !ids.every((id) => schedule.some((fault) => fault.id === id));
    return Promise.resolve({
      isWell,
      faults: [],
      effects: [],
      invoices: 0,
      restored: 0,
      goneWithDisk: 0,
      auditLines: [],
      sales: { issued: 0, offline: 0, refused: 0, notTaken: 0, repeated: 0 },
    });
  };
}

it('finds the one fault that it takes', async () => {
  const smallest = await shrink(SCHEDULE, failsWith(13), new Things(), () => undefined);
  expect(smallest.map(({ id }) => id)).toEqual([13]);
});

it('keeps what it takes of two', async () => {
  const smallest = await shrink(SCHEDULE, failsWith(3, 17), new Things(), () => undefined);
  const ids = smallest.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining([3, 17]));
  expect(ids.length).toBeLessThan(SCHEDULE.length / 2);
});
