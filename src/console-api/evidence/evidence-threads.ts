import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { threadPool } from '../../threads/thread-pool.js';
import { EXPORTS_AT_ONCE_MAX } from '../exports/running-exports.js';
import type { EvidenceOrder } from './evidence-order.js';
import type { EvidenceTask } from './write-evidence.js';

/** Heap of one thread, beside the bytes that it keeps. A thread that needs more ends alone, not the server. */
const THREAD_HEAP_MB = 40;

/** What lives as short as one file. */
const THREAD_YOUNG_HEAP_MB = 8;
/** By so much the threads let others go first: where all processors are busy, they are the tills'. */
const THREAD_NICENESS = 10;

/** Writes evidence files in threads of their own, each as far as it is read. A thread that has nothing to write ends. */
@Injectable()
export class EvidenceThreads implements OnApplicationShutdown {
  private readonly pool = threadPool<EvidenceTask, void>(new URL('write-evidence.js', import.meta.url), {
    minThreads: 0,
    maxThreads: EXPORTS_AT_ONCE_MAX.evidence,
    idleTimeout: 0,
    niceIncrement: THREAD_NICENESS,
    resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB, maxYoungGenerationSizeMb: THREAD_YOUNG_HEAP_MB },
  });

  /** Threads that write now. */
  get running(): number {
    return this.pool.threads.length;
  }

  /** The pieces of one file. To return ends the thread at once, wherever it is, and its session of the database with it. */
  write(order: EvidenceOrder): AsyncIterator<Uint8Array> {
    const { port1: port, port2 } = new MessageChannel();
    const [abort, failed] = [new AbortController(), new AbortController()];
    this.pool
      .run({ order, port: port2 }, { transferList: [port2], signal: abort.signal })
      .catch((error: unknown) => failed.abort(error));
    return {
      next: async () => {
        // A race with one promise of the whole file would keep every piece until the file ends.
        const answer = once(port, 'message', { signal: failed.signal }) as Promise<[Uint8Array | null]>;
        port.postMessage(null);
        const [piece] = await answer.catch(() => Promise.reject(failed.signal.reason));
        if (piece !== null) return { done: false, value: piece };
        port.close();
        return { done: true, value: undefined };
      },
      return: () => {
        port.close();
        abort.abort();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  onApplicationShutdown(): Promise<void> {
    return this.pool.destroy();
  }
}
