import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Client, DatabaseError } from 'pg';
import { giveTo, postgresUser } from '../../local/postgres/system-user.js';
import { type Aim, type FaultKind, type Lasting, numberOf, textOf } from '../fault.js';
import { SERVERS } from '../size.js';
import type { Scene } from '../scene.js';

const aim = (): Aim => ({ holds: ['database'], detail: {} });

/** Sessions of the servers. */
const SESSIONS = `SELECT pid FROM pg_stat_activity WHERE usename = 'server_login'`;
/** Milliseconds. Servers let go of what we want between two of their transactions. */
const LOCK_WAIT_MS = 5_000;
const LOCK_NOT_AVAILABLE = '55P03';
/** Between two looks, or two blows. */
const STEP_MS = 100;

/** What may be locked while invoices come: the table of codes, the rows of terminals, the numbers. */
const LOCKS: Readonly<Record<string, string>> = {
  ledger: 'LOCK TABLE ledger IN EXCLUSIVE MODE',
  content: 'LOCK TABLE content IN ACCESS EXCLUSIVE MODE',
  terminals: 'SELECT FROM terminal FOR UPDATE',
};

/** @returns how many sessions waited at most; 0 where the lock was never to be had */
async function holdLock(scene: Scene, sql: string, lasting: Lasting): Promise<number> {
  const client = new Client({ connectionString: scene.local.databaseUrls.superuser, application_name: 'faults' });
  client.on('error', () => undefined);
  await client.connect();
  let waiting = 0;
  try {
    await client.query(`SET lock_timeout = ${LOCK_WAIT_MS}`);
    await client.query('BEGIN');
    await client.query(sql);
    while (!lasting.isOver()) {
      const { rows } = await client.query<{ count: number }>(
        `SELECT count(*)::integer AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock'`,
      );
      waiting = Math.max(waiting, rows[0]?.count ?? 0);
      await pause(STEP_MS);
    }
    await client.query('ROLLBACK');
  } catch (error) {
    if (!(error instanceof DatabaseError && error.code === LOCK_NOT_AVAILABLE)) throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
  return waiting;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Repeats until it is over. @returns the sum of what each time gave */
async function meanwhile(lasting: Lasting, blow: () => Promise<number>): Promise<number> {
  let sum = 0;
  while (!lasting.isOver()) {
    sum += await blow();
    await pause(STEP_MS);
  }
  return sum;
}

/** What happens to PostgreSQL. */
export const DATABASE_FAULTS: readonly FaultKind[] = [
  {
    name: 'database_killed',
    what: 'PostgreSQL is killed and started again',
    lasts: [200, 4_000],
    aim,
    act: async ({ local }, _fault, lasting) => {
      await local.postgres.kill();
      await lasting.over();
      await local.postgres.start();
      return { count: 1, of: 'clusters killed' };
    },
  },
  {
    name: 'backends_killed',
    what: 'sessions of the servers are ended by PostgreSQL',
    lasts: [200, 3_000],
    aim,
    act: async (scene, _fault, lasting) => {
      const sql = `SELECT pg_terminate_backend(pid) FROM (${SESSIONS} ORDER BY random() LIMIT 3) AS few`;
      const count = await meanwhile(lasting, async () => (await scene.query(sql)).length);
      return { count, of: 'sessions ended' };
    },
  },
  {
    name: 'database_connections_cut',
    what: 'connections of the servers to PostgreSQL are cut',
    lasts: [200, 2_000],
    aim,
    act: async ({ databaseLine }, _fault, lasting) => {
      const count = await meanwhile(lasting, () => Promise.resolve(databaseLine.cutAll()));
      return { count, of: 'connections cut' };
    },
  },
  {
    name: 'locks_held',
    what: 'somebody holds a lock that issuing needs',
    lasts: [500, 5_000],
    aim: (random) => ({ holds: ['database'], detail: { lock: random.pick(Object.keys(LOCKS)) } }),
    act: async (scene, fault, lasting) => ({
      count: await holdLock(scene, LOCKS[textOf(fault, 'lock')] ?? '', lasting),
      of: 'sessions that waited',
    }),
  },
  {
    name: 'commits_slow',
    what: 'every commit is late',
    lasts: [1_000, 4_000],
    aim: (random) => ({ holds: ['database'], detail: { ms: random.whole(50, 1_500) } }),
    act: async ({ databaseLine }, fault, lasting) => {
      databaseLine.breakCommits({ kind: 'slow', ms: numberOf(fault, 'ms') });
      await lasting.over();
      return { count: databaseLine.mend(), of: 'commits met' };
    },
  },
  {
    name: 'commit_lost',
    what: 'the line to PostgreSQL dies at a commit: before it, or before its answer',
    lasts: [100, 800],
    share: 2,
    aim: (random) => ({ holds: ['database'], detail: { what: random.pick(['lose_answer', 'lose_request']) } }),
    act: async ({ databaseLine }, fault, lasting) => {
      databaseLine.breakCommits({ kind: textOf(fault, 'what') === 'lose_answer' ? 'lose_answer' : 'lose_request' });
      await lasting.over();
      return { count: databaseLine.mend(), of: 'commits met' };
    },
  },
  {
    name: 'database_disk_full',
    what: 'the disk of PostgreSQL is full',
    lasts: [1_000, 4_000],
    aim,
    act: async ({ databaseDisk, local }, _fault, lasting) => {
      if (typeof databaseDisk === 'string') return { count: 0, of: 'disks filled', impossible: databaseDisk };
      databaseDisk.fill();
      try {
        await lasting.over();
      } finally {
        databaseDisk.makeRoom();
      }
      // It may have ended of it, or be about to.
      await local.postgres.stop();
      await local.postgres.start();
      return { count: 1, of: 'disks filled' };
    },
  },
  {
    name: 'database_restored',
    what: 'a copy of the database is made, and later put in its place',
    lasts: [5_000, 15_000],
    most: 1,
    aim: (random) => {
      const serversToo = random.chance(0.5);
      const servers = Array.from({ length: SERVERS }, (_, index) => `server ${index}`);
      return { holds: serversToo ? ['database', 'disk', ...servers] : ['database', 'disk'], detail: { serversToo } };
    },
    act: async (scene, { detail, id }, lasting) => {
      const copy = join(scene.folder, `copy-${id}`);
      await backUp(scene, copy);
      const atCopy = await numbersOf(scene);
      await lasting.over();
      const atLoss = await numbersOf(scene);
      if (detail['serversToo'] === true) await Promise.all(scene.servers.map((server) => server.kill()));
      await scene.local.postgres.kill();
      putBack(scene, copy);
      await scene.local.postgres.start();
      if (detail['serversToo'] === true) await Promise.all(scene.servers.map((_, index) => scene.startServer(index)));
      return { count: atLoss - atCopy, of: 'codes forgotten' };
    },
  },
];

async function numbersOf(scene: Scene): Promise<number> {
  const [row] = await scene.query<{ count: number }>('SELECT count(*)::integer AS count FROM ledger');
  return row?.count ?? 0;
}

/** Not copied at first: what belongs to the running server; WAL comes last, when all that the copy needs is in it. */
const LEFT_OUT = new Set(['pg_wal', 'postmaster.pid', 'postmaster.opts']);

/** A base backup by the low-level API (PostgreSQL's manual, 25.3.4), whole by its own WAL. */
async function backUp({ local }: Scene, copy: string): Promise<void> {
  const data = join(local.paths.postgres, 'data');
  const client = new Client({ connectionString: local.databaseUrls.superuser, application_name: 'faults' });
  await client.connect();
  try {
    await client.query(`SELECT pg_backup_start('faults', fast => true)`);
    mkdirSync(copy, { mode: 0o700 });
    const parts = readdirSync(data).filter((part) => !LEFT_OUT.has(part));
    copyParts(
      parts.map((part) => join(data, part)),
      copy,
    );
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    copyParts([join(data, 'pg_wal')], copy);
    const label = join(copy, 'backup_label');
    writeFileSync(label, rows[0]?.labelfile ?? '', { mode: 0o600 });
    for (const path of [copy, label]) giveTo(postgresUser(), path);
  } finally {
    await client.end();
  }
}

function putBack({ local }: Scene, copy: string): void {
  const data = join(local.paths.postgres, 'data');
  rmSync(data, { recursive: true, force: true });
  execFileSync('cp', ['-pPR', copy, data]);
}

/** Keeps owners and modes, which PostgreSQL insists on. A file that went away meanwhile is replayed from the WAL. */
function copyParts(paths: readonly string[], folder: string): void {
  try {
    execFileSync('cp', ['-pPR', ...paths, folder], { stdio: 'pipe' });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    if (!said.split('\n').every((line) => line === '' || line.includes('No such file'))) throw error;
  }
}
