import { PassThrough } from 'node:stream';
import { written } from '@tax-control/protocol/testing';
import { expect, it } from 'vitest';
import { watchOutput } from './watch-output.js';

function failWith(code: string): { told: string; closed: number; statuses: number[] } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const seen = { told: '', closed: 0, statuses: [] as number[] };
  watchOutput(
    { stdout, stderr },
    () => (seen.closed += 1),
    (status) => seen.statuses.push(status),
  );
  stdout.emit('error', Object.assign(new Error('write'), { code }));
  return { ...seen, told: written(stderr) };
}

it('does not mind that nobody reads any more', () => {
  expect(failWith('EPIPE')).toEqual({ told: '', closed: 1, statuses: [] });
});

it('says what cannot be written', () => {
  const { told, statuses } = failWith('ENOSPC');
  expect(told).toBe('The result could not be written (ENOSPC). Make room, or write it elsewhere.\n');
  expect(statuses).toEqual([1]);
});
