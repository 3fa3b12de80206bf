import { EventEmitter, once } from 'node:events';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { TestClock } from '@tax-control/protocol/testing';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { EXPORTS_AT_ONCE_MAX, RunningExports } from './running-exports.js';

const official = (name: string): SignedInOfficial => ({ name }) as SignedInOfficial;
const unread = (): Promise<Readable> => Promise.resolve(Readable.from(['a', 'b']));

it('gives an official one export of a kind until it is closed', async () => {
  const running = new RunningExports(new TestClock());
  const stream = await running.run(official('ada'), 'table', unread);
  await expect(running.run(official('ada'), 'table', unread)).rejects.toMatchObject({
    problem: { code: 'export_running' },
  });
  await running.run(official('ada'), 'evidence', unread);
  stream.destroy();
  await expect.poll(() => running.count('table')).toBe(0);
  await running.run(official('ada'), 'table', unread);
});

it('gives a process so many of a kind, whoever asks', async () => {
  const running = new RunningExports(new TestClock());
  for (let count = 0; count < EXPORTS_AT_ONCE_MAX.table; count += 1)
    await running.run(official(`o-${count}`), 'table', unread);
  await expect(running.run(official('ada'), 'table', unread)).rejects.toMatchObject({
    problem: { code: 'server_busy', retryAfterMs: 10_000 },
  });
});

it('ends the oldest export that has had its time when another official asks', async () => {
  const clock = new TestClock();
  clock.stop();
  const running = new RunningExports(clock, 1_000);
  const oldest = await running.run(official('ada'), 'evidence', unread);
  const ended = once(oldest, 'error');
  clock.advance(999);
  await expect(running.run(official('bob'), 'evidence', unread)).rejects.toMatchObject({
    problem: { code: 'server_busy' },
  });
  clock.advance(1);
  const next = (await running.run(official('bob'), 'evidence', unread)).once('error', () => undefined);
  expect(await ended).toMatchObject([{ name: 'ReaderTooSlow' }]);
  expect([next.destroyed, running.count('evidence')]).toEqual([false, 1]);
  clock.advance(1_000);
  const again = await running.run(official('ada'), 'evidence', unread);
  again.destroy();
  await expect.poll(() => running.count('evidence')).toBe(0);
});

it('ends no export while it is opened', async () => {
  const running = new RunningExports(new TestClock(), 0);
  const gate = new EventEmitter();
  const first = running.run(official('ada'), 'evidence', () => once(gate, 'open').then(unread));
  await expect(running.run(official('bob'), 'evidence', unread)).rejects.toMatchObject({
    problem: { code: 'server_busy' },
  });
  gate.emit('open');
  expect((await first).destroyed).toBe(false);
});

it('keeps no place for what was not opened', async () => {
  const running = new RunningExports(new TestClock());
  await expect(running.run(official('ada'), 'table', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  await running.run(official('ada'), 'table', () => Promise.resolve({ code: 'not_on_file' }));
  expect(running.count('table')).toBe(0);
});
