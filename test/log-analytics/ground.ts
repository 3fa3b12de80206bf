import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import type { LogEntry } from '@tax-control/protocol';
import { createTestDatabase } from '../support/database.js';
import { testPool } from '../support/pool.js';

/** Where the tests of statistics take place: two regions, chains and single shops, a till or two in each. */
const PLACES = [
  { premisesId: 'north-1', region: 'north', taxpayerId: 'chain', terminals: ['n1-a', 'n1-b'] },
  { premisesId: 'north-2', region: 'north', taxpayerId: 'anna', terminals: ['n2-a'] },
  { premisesId: 'south-1', region: 'south', taxpayerId: 'chain', terminals: ['s1-a'] },
  { premisesId: 'south-2', region: 'south', taxpayerId: 'bert', terminals: ['s2-a', 's2-b'] },
  { premisesId: 'isle-1', region: "l'île <b>", taxpayerId: 'cleo', terminals: ['i1-a'] },
] as const;

export const REGIONS = [...new Set(PLACES.map(({ region }) => region))];
export const TAXPAYERS = [...new Set(PLACES.map(({ taxpayerId }) => taxpayerId))];
export const PREMISES = PLACES.map(({ premisesId }) => premisesId);
export const TERMINALS = PLACES.flatMap(({ terminals }) => terminals);

export interface Ground {
  /** With the rights of the server, and no more. */
  readonly server: Pool;
  readonly superuser: Pool;
  /** Forgets all attempts. */
  clear(): Promise<void>;
  end(): Promise<void>;
}

/** A database of its own with the places registered. */
export async function makeAnalyticsGround(): Promise<Ground> {
  const database = await createTestDatabase();
  const superuser = testPool(database.superuserUrl);
  const server = testPool(database.serverUrl);
  for (const { premisesId, region, taxpayerId, terminals } of PLACES) {
    await superuser.query(
      'INSERT INTO taxpayer (taxpayer_id, name) VALUES ($1::identifier, $1::identifier) ON CONFLICT DO NOTHING',
      [taxpayerId],
    );
    await superuser.query(
      `INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address) VALUES ($1::identifier, $2, $1::identifier, $3, 'retail', 'Street 1')`,
      [premisesId, taxpayerId, region],
    );
    for (const terminalId of terminals) {
      await superuser.query('INSERT INTO terminal (terminal_id, premises_id, taxpayer_id) VALUES ($1, $2, $3)', [
        terminalId,
        premisesId,
        taxpayerId,
      ]);
    }
  }
  return {
    server,
    superuser,
    clear: async () => {
      await superuser.query('TRUNCATE transaction_log_entry, server_event, attempt_count, refused_authentication');
    },
    end: async () => {
      await server.end();
      await superuser.end();
      await database.drop();
    },
  };
}

/** An entry of an attempt that failed, or as told. */
export function entryOf(over: Partial<LogEntry> = {}): LogEntry {
  return {
    id: randomUUID(),
    at: new Date().toISOString(),
    door: 'issue',
    invoiceId: randomUUID(),
    outcome: 'failed',
    cause: 'connection_refused',
    detail: null,
    address: null,
    connectMs: null,
    tlsMs: null,
    answerMs: null,
    totalMs: 12,
    ...over,
  };
}

/** All sums that are kept, in one order, whatever was taken back left out. */
export async function keptSums(superuser: Pool): Promise<unknown[]> {
  const { rows } = await superuser.query(
    `SELECT level, grain, scope_id, start, door, outcome, cause, attempts, array_replace(connect_counts, NULL, 0) AS connect,
       array_replace(tls_counts, NULL, 0) AS tls, array_replace(answer_counts, NULL, 0) AS answer,
       array_replace(total_counts, NULL, 0) AS total, connect_ms_max, tls_ms_max, answer_ms_max, total_ms_max
     FROM attempt_count WHERE attempts <> 0
     ORDER BY level, grain, scope_id, start, door, outcome, cause`,
  );
  return rows;
}
