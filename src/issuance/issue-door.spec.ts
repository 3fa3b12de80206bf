import { randomUUID } from 'node:crypto';
import { TestClock } from '@tax-control/protocol/testing';
import type { Refusals } from '../ledger/refusals.js';
import { expect, it } from 'vitest';
import { ServerEvents } from '../observability/server-events.js';
import type { Parameters } from '../registry/parameters.js';
import type { SendingTerminal } from './authenticate-invoice.js';
import { GroupCommit } from './group-commit.js';
import type { InvoiceReader } from './reading/read-invoices.js';
import { InvoiceCounts } from './invoice-counts.js';
import { IssueDoor } from './issue-door.js';

it('tells of an attempt that it turned away because it is full, and of none without a name', async () => {
  const full = new GroupCommit(() => Promise.reject(new Error('nothing is issued here')), {
    listInvoicesMax: 1,
    listsInFlightMax: 1,
    listsMax: 1,
    queueInvoicesMax: 0,
    answerMs: 3_000,
  });
  const clock = new TestClock('2026-11-22T18:05:00Z');
  const events = new ServerEvents(clock);
  // Nobody else is asked by a door that is full.
  const [refusals, parameters, jumps] = [{} as Refusals, {} as Parameters, { lastJump: null }];
  const door = new IssueDoor(
    {} as InvoiceReader,
    full,
    refusals,
    parameters,
    events,
    new InvoiceCounts(),
    jumps,
    clock,
  );
  const terminal = { terminalId: 'till' } as SendingTerminal;
  const attemptId = randomUUID();
  expect(await door.issue('any', terminal, attemptId)).toMatchObject({ code: 'server_busy', status: 503 });
  await door.issue('any', terminal, null);
  expect(events.take()).toMatchObject({
    events: [
      { terminalId: 'till', attemptId, atMs: clock.now(), door: 'issue', outcome: 'failed', cause: 'server_busy' },
    ],
    lost: 0,
  });
});
