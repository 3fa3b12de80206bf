import { generateKeyPairSync } from 'node:crypto';
import { type Invoice, LIMITS, signInvoice } from '@tax-control/protocol';
import { makeInvoice, makeInvoiceOfLines } from '@tax-control/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readInvoice, type ReadingTask } from '../../src/issuance/reading/read-invoices.js';
import { ReadingThreads } from '../../src/issuance/reading/reading-threads.js';

const WAITING_MAX = 100;
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');

let threads: ReadingThreads;
beforeAll(async () => {
  threads = new ReadingThreads(2, WAITING_MAX);
  await threads.onModuleInit();
});
afterAll(() => threads.onApplicationShutdown());

function taskOf(invoice: Invoice): ReadingTask {
  const { jws } = signInvoice(invoice, privateKey, 'A'.repeat(43));
  const { terminalId, taxpayerId, premisesId } = invoice;
  return { text: jws, terminalId, taxpayerId, premisesId, publicKey: spki };
}

describe('reading threads', () => {
  it('find of each invoice what is found in place, whatever else is in its batch', async () => {
    const good = taskOf(makeInvoice());
    const tasks = Array.from({ length: 50 }, (_, index): ReadingTask => {
      if (index % 5 === 1) return { ...good, text: good.text.replace(/.{4}$/, 'AAAA') };
      if (index % 5 === 2) return { ...good, terminalId: 'another' };
      if (index % 5 === 3) return taskOf(makeInvoice({ total: 1 }));
      return taskOf(makeInvoice({ counter: index + 1, previousDigest: index === 0 ? null : 'A'.repeat(43) }));
    });
    const readings = await Promise.all(tasks.map((task) => threads.read(task)));
    expect(readings).toEqual(tasks.map((task) => JSON.parse(JSON.stringify(readInvoice(task))) as unknown));
    expect(readings.map((reading) => (reading.ok ? 'read' : reading.problem.code)).slice(0, 5)).toEqual([
      'read',
      'signature_invalid',
      'wrong_terminal',
      expect.stringMatching(/_/),
      'read',
    ]);
  });

  it('leave the event loop to others while they read the longest invoice', async () => {
    const task = taskOf(makeInvoiceOfLines(LIMITS.invoiceLinesMax));
    await threads.read(task);
    let turns = 0;
    let isReading = true;
    const count = (): void => {
      turns += 1;
      if (isReading) setImmediate(count);
    };
    const reading = threads.read(task);
    setImmediate(count);
    expect((await reading).ok).toBe(true);
    isReading = false;
    // In place it would be two turns: one before, one after.
    expect(turns).toBeGreaterThan(10);
  });

  it('read a usual invoice while a long one is read', async () => {
    const long = taskOf(makeInvoiceOfLines(LIMITS.invoiceLinesMax));
    const usual = taskOf(makeInvoice());
    const order: string[] = [];
    await Promise.all([
      threads.read(long).then(({ ok }) => order.push(`long ${ok}`)),
      threads.read({ ...long, terminalId: 'another' }).then(({ ok }) => order.push(`wrong ${ok}`)),
      threads.read(usual).then(({ ok }) => order.push(`usual ${ok}`)),
    ]);
    expect(order).toEqual(['usual true', 'long true', 'wrong false']);
  });

  it('say when too many wait, and read those that do', async () => {
    const task = taskOf(makeInvoice());
    const readings = Array.from({ length: WAITING_MAX }, () => threads.read(task));
    expect(threads.isFull).toBe(true);
    expect((await Promise.all(readings)).every(({ ok }) => ok)).toBe(true);
    expect(threads.isFull).toBe(false);
  });

  it('fail only what a thread was reading when it cannot go on, and read what comes after', async () => {
    const task = taskOf(makeInvoice());
    // No key: a bug of the caller, which no till can cause.
    const failing = threads.read({ ...task, publicKey: '' });
    await expect(failing).rejects.toThrow(/asn1|DECODER|key/i);
    expect((await threads.read(task)).ok).toBe(true);
  });

  it('reject what they were asked when they are ended', async () => {
    const ended = new ReadingThreads(1, WAITING_MAX);
    const outcome = Promise.allSettled([ended.read(taskOf(makeInvoice()))]);
    await ended.onApplicationShutdown();
    expect(await outcome).toMatchObject([{ status: 'rejected' }]);
  });
});
