import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Pool } from 'pg';

/** Inserts of one row a transaction, as fast as PostgreSQL takes them from 32 sessions. */
export interface PlainInserts {
  /** What makes them. `loop`: this process, where there is no pgbench. */
  readonly by: 'pgbench' | 'loop';
  /** @returns rows a second */
  run(): Promise<number>;
}

const SESSIONS = 32;
const PGBENCH_THREADS = 2;
const SECONDS = 4;
/** Where Debian keeps the programs of each version, which are on no PATH. */
const DEBIAN = '/usr/lib/postgresql';

/**
 * Makes a table like the ledger's row with the invoice's content, without its indexes but the key, and a statement that inserts the newest row
 * of the ledger into it again under a number of a sequence.
 */
export async function startPlainInserts(superuserUrl: string, signal: AbortSignal): Promise<PlainInserts> {
  const sql = await makeStatement(superuserUrl);
  const pgbench = findPgbench();
  if (pgbench === null) return { by: 'loop', run: () => loop(superuserUrl, sql) };
  return { by: 'pgbench', run: () => runPgbench(pgbench, superuserUrl, sql, signal) };
}

async function makeStatement(superuserUrl: string): Promise<string> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(`
      CREATE SEQUENCE IF NOT EXISTS bench_number;
      CREATE TABLE IF NOT EXISTS bench_row AS
        SELECT ledger.*, content.payload, content.signature, content.signer, content.header
        FROM ledger JOIN content USING (sequence, registered_at) WITH NO DATA`);
    await client.query('ALTER TABLE bench_row DROP CONSTRAINT IF EXISTS bench_row_pkey');
    await client.query('ALTER TABLE bench_row ADD CONSTRAINT bench_row_pkey PRIMARY KEY (sequence)');
    const { rows: columns } = await client.query<{ name: string; type: string }>(
      `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
       WHERE attrelid = 'bench_row'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    );
    const texts = columns.map(({ name }) => `${client.escapeIdentifier(name)}::text`).join(', ');
    const { rows } = await client.query<{ values: (string | null)[] }>(
      `SELECT ARRAY[${texts}] AS values FROM (
         SELECT ledger.*, content.payload, content.signature, content.signer, content.header
         FROM ledger JOIN content USING (sequence, registered_at) ORDER BY sequence DESC LIMIT 1) AS newest`,
    );
    const values = columns.map(({ name, type }, index) => {
      if (name === 'sequence') return `nextval('bench_number')`;
      const value = rows[0]?.values[index] ?? null;
      return value === null ? 'NULL' : `CAST(${literal(value)} AS ${type})`;
    });
    return `INSERT INTO bench_row VALUES (${values.join(', ')})`;
  } finally {
    await client.end();
  }
}

/** Without a colon, with which a variable of pgbench begins (PostgreSQL's manual, 4.1.2.3). */
function literal(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll(':', '\\003A');
  return `U&'${escaped}'`;
}

function findPgbench(): string | null {
  try {
    execFileSync('pgbench', ['--version'], { stdio: 'ignore' });
    return 'pgbench';
  } catch {
    const versions = existsSync(DEBIAN)
      ? readdirSync(DEBIAN).toSorted((one, other) => Number(other) - Number(one))
      : [];
    return versions.map((version) => join(DEBIAN, version, 'bin', 'pgbench')).find((path) => existsSync(path)) ?? null;
  }
}

async function runPgbench(program: string, url: string, sql: string, signal: AbortSignal): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'tax-control-pgbench-'));
  try {
    const file = join(folder, 'insert.sql');
    await writeFile(file, `${sql.replaceAll('\n', ' ')};\n`);
    const { hostname, port, username, password, pathname } = new URL(url);
    const { stdout } = await promisify(execFile)(
      program,
      [
        '-n',
        '--protocol=prepared',
        `--client=${SESSIONS}`,
        `--jobs=${PGBENCH_THREADS}`,
        `--time=${SECONDS}`,
        `--file=${file}`,
        `--host=${hostname}`,
        `--port=${port}`,
        `--username=${username}`,
        pathname.slice(1),
      ],
      { env: { ...process.env, PGPASSWORD: decodeURIComponent(password) }, signal },
    );
    const rate = /tps = ([0-9.]+)/.exec(stdout)?.[1];
    if (rate === undefined) throw new Error(`pgbench said nothing of its rate: ${stdout}`);
    return Number(rate);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function loop(url: string, sql: string): Promise<number> {
  const pool = new Pool({ connectionString: url, max: SESSIONS });
  const end = performance.now() + SECONDS * 1_000;
  const began = performance.now();
  let count = 0;
  const session = async (): Promise<void> => {
    while (performance.now() < end) {
      await pool.query({ name: 'insert', text: sql });
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: SESSIONS }, session));
  const seconds = (performance.now() - began) / 1_000;
  await pool.end();
  return count / seconds;
}
