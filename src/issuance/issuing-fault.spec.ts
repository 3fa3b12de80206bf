import { expect, it } from 'vitest';
import { OutcomeUnknown } from '../database/transaction.js';
import { CommitMeasure } from './commit-measure.js';
import { issuingFault } from './issuing-fault.js';

const IDLE = { waitingSinceMs: null };

function failedWith(error: unknown): CommitMeasure {
  const commits = new CommitMeasure();
  commits.failed('outage', error);
  return commits;
}

it('finds nothing wrong where nobody sells, or where commits go on beside one that hangs', () => {
  const commits = new CommitMeasure();
  expect(issuingFault(IDLE, commits, performance.now())).toBeNull();
  commits.committed(1, performance.now());
  const nowMs = commits.lastCommitMs + 1_000;
  expect(issuingFault({ waitingSinceMs: nowMs - 60_000 }, commits, nowMs)).toBeNull();
});

it('says that nothing is committed while an invoice waits for longer than a sale does', () => {
  const fault = issuingFault({ waitingSinceMs: 10_000 }, new CommitMeasure(), 13_000);
  expect(fault).toContain('for 3 s no invoice was committed');
});

it('says in the words of the database why it takes no list, until one is committed or the failure is old', () => {
  const full = Object.assign(new Error('could not extend file'), { code: '53100' });
  const commits = failedWith(full);
  const nowMs = performance.now();
  expect(issuingFault(IDLE, commits, nowMs)).toContain('The disk of the database is full.');
  expect(issuingFault(IDLE, failedWith(new OutcomeUnknown(full)), nowMs)).toContain('disk');
  expect(issuingFault(IDLE, commits, nowMs + 60_000)).toBeNull();
  commits.committed(1, nowMs);
  expect(issuingFault(IDLE, commits, nowMs)).toBeNull();
});

it('does not take one invoice that the database refused for a fault of the server', () => {
  const commits = new CommitMeasure();
  commits.failed('one_of_them', new Error('row'));
  expect(issuingFault(IDLE, commits, performance.now())).toBeNull();
});
