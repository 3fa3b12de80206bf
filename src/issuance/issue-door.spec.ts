import { randomUUID } from 'node:crypto';
import { signInvoice } from '@tax-control/protocol';
import { makeInvoice, makeSigner, TestClock } from '@tax-control/protocol/testing';
import type { Refusals } from '../ledger/refusals.js';
import { expect, it } from 'vitest';
import { ServerEvents } from '../observability/server-events.js';
import type { Parameters } from '../registry/parameters.js';
import type { SendingTerminal } from './authenticate-invoice.js';
import { GroupCommit, type GroupCommitLimits } from './group-commit.js';
import { type InvoiceReader, type ReadingTask, readInvoice } from './reading/read-invoices.js';
import { InvoiceCounts } from './invoice-counts.js';
import { IssueDoor } from './issue-door.js';

const LIMITS: GroupCommitLimits = {
  listInvoicesMax: 1,
  listsInFlightMax: 1,
  listsMax: 1,
  queueInvoicesMax: 8,
  answerMs: 3_000,
};
const clock = new TestClock('2026-11-22T18:05:00Z');

/** A door that is asked for nothing but what its reader and its group commit do. */
function makeDoor(reader: InvoiceReader, groupCommit: GroupCommit, events = new ServerEvents(clock)): IssueDoor {
  const refusals = { record: () => Promise.reject(new Error('nothing is refused here')) } as unknown as Refusals;
  const [parameters, jumps] = [{} as Parameters, { lastJump: null }];
  return new IssueDoor(reader, groupCommit, refusals, parameters, events, new InvoiceCounts(), jumps, clock);
}

it('tells of an attempt that it turned away because it is full, and of none without a name', async () => {
  const full = new GroupCommit(() => Promise.reject(new Error('nothing is issued here')), {
    ...LIMITS,
    queueInvoicesMax: 0,
  });
  const events = new ServerEvents(clock);
  const door = makeDoor({} as InvoiceReader, full, events);
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

it('reads a sale in place when it is alone and short, and in a thread otherwise', async () => {
  const signer = makeSigner();
  const invoice = makeInvoice();
  const certificate = {
    publicKey: signer.publicKey,
    notBefore: new Date(0),
    notAfter: new Date(1),
    revokedAt: null,
    isShownAgain: false,
    names: { taxpayerId: null, premisesId: null },
  };
  const terminal: SendingTerminal = {
    ...invoice,
    certificates: new Map([[signer.thumbprint, certificate]]),
    olderCertificate: () => Promise.resolve(null),
  };
  const short = signInvoice(invoice, signer.privateKey, signer.thumbprint).jws;
  const [line] = invoice.lines;
  const long = signInvoice(
    { ...invoice, lines: Array.from({ length: 300 }, () => line!) },
    signer.privateKey,
    signer.thumbprint,
  ).jws;
  const inThreads: string[] = [];
  const threads: InvoiceReader = {
    isFull: false,
    read: (task: ReadingTask) => {
      inThreads.push(task.text);
      return Promise.resolve(readInvoice(task));
    },
  };
  const committing: (() => void)[] = [];
  const groupCommit = new GroupCommit(
    () => new Promise((_, reject) => committing.push(() => reject(new Error('nothing is issued here')))),
    LIMITS,
  );
  const door = makeDoor(threads, groupCommit);
  const sell = (text: string): Promise<unknown> =>
    expect(door.issue(text, terminal, null)).rejects.toThrow('nothing is issued here');

  const alone = sell(short);
  await expect.poll(() => committing.length).toBe(1);
  expect(inThreads).toEqual([]);
  const beside = sell(short);
  await expect.poll(() => groupCommit.waitingInvoices).toBe(1);
  expect(inThreads).toEqual([short]);
  committing[0]?.();
  await expect.poll(() => committing.length).toBe(2);
  committing[1]?.();
  await Promise.all([alone, beside]);

  // Its totals do not fit its lines: it is read whole, and refused.
  await expect(door.issue(long, terminal, null)).rejects.toThrow('nothing is refused here');
  expect(inThreads).toEqual([short, long]);

  const aloneAgain = sell(short);
  await expect.poll(() => committing.length).toBe(3);
  expect(inThreads).toEqual([short, long]);
  committing[2]?.();
  await aloneAgain;
});
