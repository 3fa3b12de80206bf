import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import { Settings } from '../../configuration/settings.js';
import { DATABASE_POOL } from '../../database/database.module.js';
import { Metrics } from './metrics.js';

/** Connections to the database, and who waits for one. */
@Injectable()
export class PoolMetrics {
  constructor(metrics: Metrics, @Inject(DATABASE_POOL) pool: Pool, { database }: Settings) {
    metrics.gauge({
      name: 'tax_control_database_connections',
      help: 'Open connections of this instance to the database, by state: busy or idle.',
      labels: ['state'],
      read: () => [
        { labels: { state: 'busy' }, value: pool.totalCount - pool.idleCount },
        { labels: { state: 'idle' }, value: pool.idleCount },
      ],
    });
    metrics.gauge({
      name: 'tax_control_database_connections_max',
      help: 'Connections that this instance may open (DATABASE_POOL_SIZE).',
      read: () => [{ value: database.poolSize }],
    });
    metrics.gauge({
      name: 'tax_control_database_connection_waiters',
      help: 'Pieces of work that wait for a connection.',
      read: () => [{ value: pool.waitingCount }],
    });
  }
}
