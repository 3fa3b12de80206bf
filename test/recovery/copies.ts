import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPostgres, type PostgresSettings, type RunningPostgres } from '../../tools/local/postgres.js';
import { giveTo, postgresUser } from '../../tools/local/postgres/system-user.js';
import { startTemporaryCluster, type TemporaryCluster } from '../support/temporary-cluster.js';

/** What a data folder is told to be: a restore to a point in time, a standby, or just itself, after a crash. */
export type Role = 'recovery' | 'standby' | 'itself';

/** A cluster whose WAL is archived, and the copies that are made of it. */
export interface ArchivedCluster {
  readonly cluster: TemporaryCluster;
  /** Below which copies lie; PostgreSQL's user can enter it. */
  readonly folder: string;
  /** A base backup by the low-level API, as backup programs make it (PostgreSQL's manual, 25.3.4). */
  baseBackUp(name: string): Promise<void>;
  /** Another copy of a base backup. */
  duplicate(name: string, copy: string): void;
  /** Starts a copy; WAL comes from the archive. */
  startCopy(name: string, role: Role, settings?: PostgresSettings): Promise<RunningPostgres>;
  stopCopy(name: string): Promise<void>;
  delete(): Promise<void>;
}

/** Not copied: what belongs to the running server, and WAL, which the archive has. */
const LEFT_OUT = new Set(['pg_wal', 'postmaster.pid', 'postmaster.opts']);

export async function startArchivedCluster(): Promise<ArchivedCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'tax-control-restore-'));
  chmodSync(folder, 0o711);
  const user = postgresUser();
  const archive = join(folder, 'archive');
  mkdirSync(archive);
  giveTo(user, archive);
  const cluster = await startTemporaryCluster({
    archive_mode: 'on',
    archive_command: `cp %p ${archive}/%f`,
    max_connections: 50,
  });
  const copies = new Map<string, RunningPostgres>();
  return {
    cluster,
    folder,
    baseBackUp: async (name) => {
      const client = new Client({ connectionString: cluster.address.superuserUrl });
      await client.connect();
      await client.query(`SELECT pg_backup_start('test', fast => true)`);
      const data = makeCopyFolder(folder, name, cluster.directory);
      const parts = readdirSync(join(cluster.directory, 'data')).filter((part) => !LEFT_OUT.has(part));
      // Keeps owners and modes, which PostgreSQL insists on.
      execFileSync('cp', ['-pPR', ...parts.map((part) => join(cluster.directory, 'data', part)), data]);
      const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop()');
      await client.end();
      mkdirSync(join(data, 'pg_wal'), { mode: 0o700 });
      writeFileSync(join(data, 'backup_label'), rows[0]!.labelfile, { mode: 0o600 });
      for (const path of [data, join(data, 'pg_wal'), join(data, 'backup_label')]) giveTo(user, path);
    },
    duplicate: (name, copy) => {
      execFileSync('cp', ['-pPR', join(folder, name), join(folder, copy)]);
    },
    startCopy: async (name, role, settings = {}) => {
      const directory = join(folder, name);
      if (role !== 'itself') {
        const signal = join(directory, 'data', `${role}.signal`);
        writeFileSync(signal, '', { mode: 0o600 });
        giveTo(user, signal);
      }
      const copy = await startPostgres({
        directory,
        settings: {
          restore_command: `cp ${archive}/%f %p`,
          max_connections: 50,
          // A restore is ready when it is through, and not when it can be read from.
          ...(role === 'recovery' ? { hot_standby: false } : {}),
          ...settings,
        },
      });
      copies.set(name, copy);
      return copy;
    },
    stopCopy: async (name) => copies.get(name)?.stop(),
    delete: async () => {
      await Promise.all([...[...copies.values()].map((copy) => copy.stop()), cluster.delete()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makeCopyFolder(folder: string, name: string, original: string): string {
  const directory = join(folder, name);
  mkdirSync(directory, { mode: 0o711 });
  cpSync(join(original, 'superuser-password'), join(directory, 'superuser-password'));
  mkdirSync(join(directory, 'data'), { mode: 0o700 });
  return join(directory, 'data');
}
