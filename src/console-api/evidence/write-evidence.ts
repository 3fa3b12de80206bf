import { on } from 'node:events';
import type { MessagePort } from 'node:worker_threads';
import { reportsPool } from '../../database/data-source.js';
import { evidenceFiles } from './evidence-files.js';
import type { EvidenceOrder } from './evidence-order.js';
import { zipPieces } from './zip-pieces.js';

/** What a thread gets: the order, and where pieces are asked for. */
export interface EvidenceTask {
  readonly order: EvidenceOrder;
  readonly port: MessagePort;
}

/**
 * What a thread of evidence does (the default export, as its pool asks for): each message that comes asks for a piece, and a piece is
 * the answer; null: that was all. Nothing is read from the database before it is asked for.
 */
export default async function writeEvidence({ order, port }: EvidenceTask): Promise<void> {
  // It only reads, and the server's own session found the database to be the recorded one a moment ago.
  const settings = { ...order.database, reportsPoolSize: 1 };
  const pool = reportsPool(settings, () => Promise.resolve(), 'tax-control evidence');
  try {
    const pieces = zipPieces(evidenceFiles(pool, order), new Date(order.head.madeAt));
    for await (const _asked of on(port, 'message')) {
      const { done, value } = await pieces.next();
      if (done === true) {
        port.postMessage(null);
        return;
      }
      port.postMessage(value, [value.buffer as ArrayBuffer]);
    }
  } finally {
    await pool.end();
  }
}
