import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { giveTo, postgresUser } from '../../tools/local/postgres/system-user.js';

/** A dump of rows and sequences, to be loaded into the schema that the migrations make. */
export interface Dump {
  readonly tables: readonly string[];
  readonly sequences: readonly { readonly name: string; readonly value: string; readonly called: boolean }[];
  readonly directory: string;
}

/**
 * What pg_dump writes and psql loads: the rows of every table by COPY, and setval for every sequence. The npm package of PostgreSQL has no
 * pg_dump, and one of an older version refuses a newer server; the statements are the same, and the rows are those of one moment.
 */
export async function dump(superuser: Pool, folder: string): Promise<Dump> {
  const directory = join(folder, 'dump');
  mkdirSync(directory);
  giveTo(postgresUser(), directory);
  const session = await superuser.connect();
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  const { rows: tables } = await session.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  for (const { name } of tables) await session.query(`COPY ${name} TO '${join(directory, name)}' (FORMAT binary)`);
  const { rows: names } = await session.query<{ name: string }>(
    `SELECT sequencename AS name FROM pg_sequences WHERE schemaname = 'public'`,
  );
  const sequences = [];
  for (const { name } of names) {
    const { rows } = await session.query<{ value: string; called: boolean }>(
      `SELECT last_value AS value, is_called AS called FROM ${name}`,
    );
    sequences.push({ name, value: rows[0]!.value, called: rows[0]!.called });
  }
  await session.query('COMMIT');
  session.release();
  return { tables: tables.map(({ name }) => name), sequences, directory };
}

/** Loads a dump into a database that has just been migrated. */
export async function load(superuser: Pool, { tables, sequences, directory }: Dump): Promise<void> {
  const client = await superuser.connect();
  // As pg_restore --disable-triggers does: neither triggers nor foreign keys are asked while rows come in.
  await client.query('SET session_replication_role = replica');
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
  );
  const present = new Set(rows.map(({ name }) => name));
  await client.query(`TRUNCATE ${[...present].join(', ')}`);
  for (const name of tables) {
    // A partition that the new schema has not: its rows go where the partitioned table puts them.
    const target = present.has(name) ? name : 'content';
    await client.query(`COPY ${target} FROM '${join(directory, name)}' (FORMAT binary)`);
  }
  for (const { name, value, called } of sequences)
    await client.query('SELECT setval($1, $2::bigint, $3)', [name, value, called]);
  client.release(true);
}
