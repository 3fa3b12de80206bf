import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Piscina } from 'piscina';
import type { InvoiceReader, InvoiceReading, ReadingTask } from './read-invoices.js';

/** Invoices of one batch: shared among so many, the way to a thread and back costs little, and none waits long for its neighbours. */
const BATCH_INVOICES_MAX = 32;
/** Characters of one batch: one of the largest invoices, or a few hundred usual ones. */
const BATCH_LENGTH_MAX = 8_000_000;

interface Waiter {
  readonly task: ReadingTask;
  readonly resolve: (reading: InvoiceReading) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads invoices in threads of their own, so that neither signatures nor huge invoices hold up the event loop. What comes in while the threads
 * are busy is the next batch, as with the group commit: nobody waits for company.
 */
export class ReadingThreads implements InvoiceReader, OnModuleInit, OnApplicationShutdown {
  private readonly pool: Piscina<readonly ReadingTask[], string>;
  private readonly waiting: Waiter[] = [];
  private batches = 0;

  /** @param waitingMax invoices that wait for a thread */
  constructor(
    readonly threads: number,
    private readonly waitingMax: number,
  ) {
    this.pool = new Piscina({
      filename: threadFile(),
      minThreads: threads,
      maxThreads: threads,
      recordTiming: false,
      // Not those of this process: a loader or a profiler is not for them.
      execArgv: [],
    });
  }

  /** @throws when the threads cannot work: a server without them must not start */
  async onModuleInit(): Promise<void> {
    await this.pool.run([]);
  }

  /** Invoices that wait for a thread. */
  get waitingInvoices(): number {
    return this.waiting.length;
  }

  /** Threads that read now. */
  get busy(): number {
    return this.batches;
  }

  get isFull(): boolean {
    return this.waiting.length >= this.waitingMax;
  }

  /** @throws when a thread ended: nothing is known of the invoice then, and it may be sent again */
  read(task: ReadingTask): Promise<InvoiceReading> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ task, resolve, reject });
      // Not at once: whoever else has arrived in this turn of the event loop goes along.
      if (this.waiting.length === 1) setImmediate(() => this.startBatches());
    });
  }

  /** Ends the threads once nobody can ask any more; what they are reading is rejected. */
  onApplicationShutdown(): Promise<void> {
    return this.pool.destroy();
  }

  private startBatches(): void {
    while (this.waiting.length > 0 && this.batches < this.threads) void this.run(this.takeBatch());
  }

  private async run(batch: readonly Waiter[]): Promise<void> {
    this.batches += 1;
    try {
      const readings = JSON.parse(await this.pool.run(batch.map(({ task }) => task))) as InvoiceReading[];
      for (const [index, { resolve, reject }] of batch.entries()) {
        const reading = readings[index];
        if (reading) resolve(reading);
        else reject(new Error('a reading thread returned nothing for an invoice'));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.batches -= 1;
      this.startBatches();
    }
  }

  private takeBatch(): Waiter[] {
    let length = 0;
    let characters = 0;
    for (const { task } of this.waiting) {
      characters += task.text.length;
      if (length > 0 && (length >= BATCH_INVOICES_MAX || characters > BATCH_LENGTH_MAX)) break;
      length += 1;
    }
    return this.waiting.splice(0, length);
  }
}

/** Compiled: a thread runs what the build made, also where the rest runs from its sources, in tests. */
function threadFile(): string {
  const folder = new URL('.', import.meta.url).href.replace(
    /\/(?:dist\/)?src\/issuance\/reading\/$/,
    '/dist/src/issuance/reading/',
  );
  return new URL('read-invoices.js', folder).href;
}
