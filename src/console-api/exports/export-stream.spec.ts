import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { ExportStream, ReaderTooSlow } from './export-stream.js';

const PIECE = new Uint8Array(262_144);

/** Pieces without end, which notes how many were asked for and whether it was ended. */
function endless() {
  const pieces = {
    asked: 0,
    next: () => {
      pieces.asked += 1;
      return Promise.resolve({ done: false as const, value: PIECE });
    },
    return: vi.fn(() => Promise.resolve({ done: true as const, value: undefined })),
  };
  return pieces;
}

it('makes nothing that its reader has not asked for', async () => {
  const pieces = endless();
  const stream = new ExportStream(pieces);
  stream.read(1);
  await once(stream, 'readable');
  // One in memory is more than its buffer, so no other is asked for.
  expect(pieces.asked).toBe(1);
  stream.destroy();
});

it('ends what makes the pieces when its reader goes away', async () => {
  const pieces = endless();
  const stream = new ExportStream(pieces);
  stream.read(1);
  stream.destroy();
  await once(stream, 'close');
  expect(pieces.return).toHaveBeenCalledOnce();
});

it('ends what makes the pieces when its reader takes nothing in time', async () => {
  const pieces = endless();
  const stream = new ExportStream(pieces, 10);
  stream.read(1);
  const [error] = (await once(stream, 'error')) as [unknown];
  expect(error).toBeInstanceOf(ReaderTooSlow);
  expect(pieces.return).toHaveBeenCalledOnce();
});

it('ends when its reader leaves the last piece', async () => {
  const pieces = [PIECE, PIECE].values();
  const stream = new ExportStream({ next: () => Promise.resolve(pieces.next()) }, 10);
  stream.once('data', () => stream.pause());
  const [error] = (await once(stream, 'error')) as [unknown];
  expect(error).toBeInstanceOf(ReaderTooSlow);
});

it('has no bound for what makes the pieces, only for the reader', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const never = new Promise<IteratorResult<Uint8Array>>(() => undefined);
    const stream = new ExportStream({ next: () => never }, 10);
    stream.read(1);
    vi.advanceTimersByTime(1_000);
    expect(stream.destroyed).toBe(false);
    stream.destroy();
  } finally {
    vi.useRealTimers();
  }
});

it('breaks off with what kept the next piece from being made', async () => {
  const stream = new ExportStream({ next: () => Promise.reject(new Error('no database')) });
  stream.read(1);
  expect(await once(stream, 'error')).toMatchObject([{ message: 'no database' }]);
});
