import { once } from 'node:events';
import { connect } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/*
 * Loaded into the server by `--import`: its calendar is set by the simulator, as faketime would do it. Only what asks what day it is
 * sees it (`new Date()`, `Date.now()`); timers, the measuring of durations and PostgreSQL go on in real time. From one setting to
 * the next the time runs on. Threads of the server load it as well, and keep the real calendar: they check signatures, which
 * have no date.
 */

const SETTING_BYTES = 8;

if (isMainThread) await setUp();

/** Resolves when the first setting is here: the server begins only then. */
async function setUp(): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port: Number(process.env['SIMULATED_CLOCK_PORT']) });
  socket.setNoDelay(true);
  await once(socket, 'connect');
  let setTo = 0;
  let setAt = 0;
  let received = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    while (received.length >= SETTING_BYTES) {
      setTo = received.readDoubleLE(0);
      setAt = performance.now();
      received = received.subarray(SETTING_BYTES);
      socket.write(Buffer.alloc(1));
    }
  });
  // The simulator's end is the end of the simulation; the server goes on by itself until it is stopped.
  socket.on('error', () => undefined);
  await once(socket, 'data');
  socket.unref();
  globalThis.Date = dateOf(() => Math.floor(setTo + performance.now() - setAt));
}

/** `Date` with another idea of now; everything else is the real one's. */
function dateOf(now: () => number): DateConstructor {
  class SimulatedDate extends Date {
    constructor(...values: readonly unknown[]) {
      if (values.length === 0) super(now());
      else super(...(values as [number]));
    }

    static override now(): number {
      return now();
    }
  }
  return SimulatedDate as DateConstructor;
}
