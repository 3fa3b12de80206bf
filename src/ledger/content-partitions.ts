import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Pool } from 'pg';
import { inTransaction } from '../database/transaction.js';
import type { Log } from '../observability/log.js';

/** Next month's partition is looked for every day, so a server that fails at it today has a month of further days. */
const INTERVAL_MS = 24 * 60 * 60 * 1000;

/**
 * Milliseconds to wait for the table. A new partition needs it alone: while this waits for a transaction that hangs, every new list waits
 * behind it. Tomorrow is another try.
 */
const LOCK_MS = 1_000;

const ENSURE = `
SELECT ensure_content_partition(first_day) AS made
FROM (VALUES ((now() AT TIME ZONE 'UTC')::date), ((now() AT TIME ZONE 'UTC' + interval '1 month')::date)) AS months(first_day)`;

/**
 * Sees to it that the content of this month and the next has partitions (the migration's function makes them). Without one nothing is lost: rows
 * go to `content_default`, where retention cannot detach them.
 */
export class ContentPartitions implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly log: Log,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.ensure();
    this.timer = setInterval(() => void this.ensure(), INTERVAL_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Idempotent, also between instances (the function takes a lock). A failure is for the operator to read, not to stop for. */
  async ensure(): Promise<void> {
    try {
      await inTransaction(this.pool, async (client) => {
        await client.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
        await client.query(ENSURE);
      });
    } catch (error) {
      this.log.error('the partitions of content could not be made; rows go to content_default', {}, error);
    }
  }
}
