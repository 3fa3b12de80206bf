import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startPostgres, type PostgresSettings, type RunningPostgres } from '../../tools/local/postgres.js';
import { clearRemains } from '../../tools/local/postgres/postmaster.js';
import { identifyProcess, isAlive, parseProcessIdentity } from '../../tools/local/process-identity.js';
import { ensureDatabase, ensureRoles, loginUrls, withSuperuser, type LoginPasswords } from '../../tools/local/roles.js';
import { migrate } from '../../src/database/migrate.js';
import { SCRATCH_ROOTS, scratchRoot } from './scratch-root.js';

/** What it takes to make and reach databases in a cluster; plain data, so that Vitest can hand it to its workers. */
export interface ClusterAddress {
  readonly superuserUrl: string;
  readonly passwords: LoginPasswords;
  /** Database with the real migrations in it, to copy. */
  readonly template: string;
}

/** A throw-away cluster, in memory where there is room, with the settings of a real one. */
export interface TemporaryCluster {
  readonly address: ClusterAddress;
  /** Holds `data` and the superuser's password, as tools/local/postgres.ts keeps them. */
  readonly directory: string;
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** In order. */
  stop(): Promise<void>;
  /** After one of both: on the same port, so that addresses stay. */
  start(): Promise<void>;
  /** Stops it, if it runs, and leaves nothing behind. */
  delete(): Promise<void>;
}

const FOLDER_PREFIX = 'tax-control-cluster-';
const OWNER_FILE = 'owner.json';
const TEMPLATE = 'tax_control_template';

/**
 * Starts a cluster with the login roles and a template database made by the real migrations.
 *
 * @param options.bare without both: as whoever installs finds it
 */
export async function startTemporaryCluster(
  settings: PostgresSettings = {},
  options: { readonly bare?: boolean } = {},
): Promise<TemporaryCluster> {
  const folder = mkdtempSync(join(scratchRoot(), FOLDER_PREFIX));
  chmodSync(folder, 0o711);
  writeFileSync(join(folder, OWNER_FILE), JSON.stringify(identifyProcess(process.pid)));
  const directory = join(folder, 'cluster');
  let running: RunningPostgres;
  try {
    running = await startPostgres({ directory, settings });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const { superuserUrl, port } = running;
  const address = { superuserUrl, passwords: makePasswords(), template: TEMPLATE };
  // Vitest leaves at once when it is interrupted; then there is time for no more than this.
  const deleteAtExit = (): void => {
    sendKill(running.pid);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', deleteAtExit);
  const cluster: TemporaryCluster = {
    address,
    directory,
    kill: () => running.kill(),
    stop: () => running.stop(),
    start: async () => {
      running = await startPostgres({ directory, port, settings });
    },
    delete: async () => {
      process.off('exit', deleteAtExit);
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  try {
    if (options.bare !== true) await makeTemplate(address);
  } catch (error) {
    await cluster.delete();
    throw error;
  }
  return cluster;
}

/** Ends and deletes what test runs left behind that were killed before they could do it themselves. */
export async function deleteAbandonedClusters(): Promise<void> {
  for (const folder of SCRATCH_ROOTS.flatMap(clustersIn)) {
    const ownerFile = join(folder, OWNER_FILE);
    if (!existsSync(ownerFile)) continue;
    const owner = parseProcessIdentity(JSON.parse(readFileSync(ownerFile, 'utf8')));
    if (owner === undefined || isAlive(owner)) continue;
    await clearRemains(join(folder, 'cluster', 'data'));
    rmSync(folder, { recursive: true, force: true });
  }
}

function clustersIn(root: string): string[] {
  if (!existsSync(root)) return [];
  const names = readdirSync(root).filter((name) => name.startsWith(FOLDER_PREFIX));
  return names.map((name) => join(root, name));
}

function sendKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

function makePasswords(): LoginPasswords {
  const password = (): string => randomBytes(24).toString('base64url');
  return { server: password(), operator: password(), auditor: password(), migrator: password() };
}

async function makeTemplate({ superuserUrl, passwords, template }: ClusterAddress): Promise<void> {
  await withSuperuser(superuserUrl, async (superuser) => {
    await ensureRoles(superuser, passwords);
    await ensureDatabase(superuser, template);
  });
  const { result } = await migrate({ url: loginUrls(superuserUrl, template, passwords).migrator });
  if (result !== 'migrated') throw new Error(`The template database could not be migrated: ${result}`);
  await withSuperuser(superuserUrl, (superuser) =>
    superuser.query(`ALTER DATABASE ${template} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`),
  );
}
