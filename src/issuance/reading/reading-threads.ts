import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Piscina } from 'piscina';
import { FairQueue } from '../../http/fair-queue.js';
import { threadPool } from '../../threads/thread-pool.js';
import { isLong } from '../long-invoice.js';
import type { InvoiceReader, InvoiceReading, ReadingTask } from './read-invoices.js';

/** Invoices of one batch: shared among so many, the way to a thread and back costs little, and none waits long for its neighbours. */
const BATCH_INVOICES_MAX = 32;
/** Characters of one batch: so many take 7 ms to read, for which the next arrivals wait. */
const BATCH_LENGTH_MAX = 400_000;
/** Characters of a usual invoice, 21 lines: so much of each terminal is read before the next terminal's turn. */
const USUAL_LENGTH = 6_000;
/** How long the thread for long invoices waits for another one before it ends. */
const LONG_THREAD_IDLE_MS = 30_000;

interface Waiter {
  readonly task: ReadingTask;
  readonly resolve: (reading: InvoiceReading) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads invoices in threads of their own, so that neither signatures nor huge invoices hold up the event loop. What comes in while the threads
 * are busy is the next batch, as with the group commit: nobody waits for company. Terminals take turns; long invoices have a thread of their own,
 * which gives way to the others, and are read one at a time.
 */
export class ReadingThreads implements InvoiceReader, OnModuleInit, OnApplicationShutdown {
  private readonly pool: Piscina<readonly ReadingTask[], string>;
  private readonly longPool: Piscina<readonly ReadingTask[], string>;
  private readonly waiting = new FairQueue<Waiter>(USUAL_LENGTH);
  private readonly waitingLong = new FairQueue<Waiter>(BATCH_LENGTH_MAX);
  private batches = 0;
  private isLongInWork = false;

  /** @param waitingMax invoices that wait for a thread */
  constructor(
    readonly threads: number,
    private readonly waitingMax: number,
  ) {
    this.pool = threadPool(new URL('read-invoices.js', import.meta.url), { minThreads: threads, maxThreads: threads });
    this.longPool = threadPool(new URL('read-long-invoices.js', import.meta.url), {
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: LONG_THREAD_IDLE_MS,
    });
  }

  /** @throws when the threads cannot work: a server without them must not start */
  async onModuleInit(): Promise<void> {
    await this.pool.run([]);
  }

  /** Invoices that wait for a thread. */
  get waitingInvoices(): number {
    return this.waiting.length + this.waitingLong.length;
  }

  /** Threads that read now. */
  get busy(): number {
    return this.batches;
  }

  get isFull(): boolean {
    return this.waitingInvoices >= this.waitingMax;
  }

  /** @throws when a thread ended: nothing is known of the invoice then, and it may be sent again */
  read(task: ReadingTask): Promise<InvoiceReading> {
    return new Promise((resolve, reject) => {
      const { length } = task.text;
      // Base64url: three bytes in four characters.
      const isAside = isLong((length * 3) / 4);
      (isAside ? this.waitingLong : this.waiting).push(task.terminalId, length, { task, resolve, reject });
      // Not at once: whoever else has arrived in this turn of the event loop goes along.
      if (isAside) setImmediate(() => this.startLong());
      else if (this.waiting.length === 1) setImmediate(() => this.startBatches());
    });
  }

  /** Ends the threads once nobody can ask any more; what they are reading is rejected. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.pool.destroy(), this.longPool.destroy()]);
  }

  private startBatches(): void {
    while (this.waiting.length > 0 && this.batches < this.threads) {
      this.batches += 1;
      void this.run(this.pool, this.takeBatch()).finally(() => {
        this.batches -= 1;
        this.startBatches();
      });
    }
  }

  private startLong(): void {
    if (this.isLongInWork) return;
    const long = this.waitingLong.take();
    if (long === undefined) return;
    this.isLongInWork = true;
    void this.run(this.longPool, [long]).finally(() => {
      this.isLongInWork = false;
      this.startLong();
    });
  }

  private async run(pool: Piscina<readonly ReadingTask[], string>, batch: readonly Waiter[]): Promise<void> {
    try {
      const readings = JSON.parse(await pool.run(batch.map(({ task }) => task))) as InvoiceReading[];
      for (const [index, { resolve, reject }] of batch.entries()) {
        const reading = readings[index];
        if (reading) resolve(reading);
        else reject(new Error('a reading thread returned nothing for an invoice'));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  private takeBatch(): Waiter[] {
    const batch: Waiter[] = [];
    let characters = 0;
    for (let next = this.waiting.peek(); next !== undefined; next = this.waiting.peek()) {
      characters += next.task.text.length;
      if (batch.length > 0 && (batch.length >= BATCH_INVOICES_MAX || characters > BATCH_LENGTH_MAX)) break;
      batch.push(next);
      this.waiting.take();
    }
    return batch;
  }
}
