import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { enrol } from '@tax-control/billing-interface';
import { choosePort } from '@tax-control/protocol/testing';
import { Client, type QueryResultRow } from 'pg';
import { addTaxRate, publishParameters, registerShop } from '../fleet/register-shop.js';
import { makeFurtherServer } from '../local/further-server.js';
import type { Part } from '../local/part.js';
import type { ServerProcess } from '../local/server-process.js';
import { type LocalInstallation, startLocal } from '../local/start-local.js';
import { makeStateDirectory, statePaths } from '../local/state.js';
import type { Things } from '../screen/things.js';
import { AgentPlace } from './agent-place.js';
import { type DatabaseLine, startDatabaseLine } from './database-line.js';
import { SERVERS, type Size, tillNamed } from './size.js';
import { type Line, startLine } from './line.js';
import { mountDatabaseDisk, type DatabaseDisk } from './database-disk.js';

/** Tills of one agent: a box that serves two lanes. */
const TILLS_PER_AGENT = 2;
/** Of the certificates; what tills are enrolled by. */
const HOST = 'localhost';
const PREMISES_ID = 'corner';

/** Everything that can be broken. */
export interface Scene {
  readonly folder: string;
  readonly local: LocalInstallation;
  readonly servers: readonly Part<ServerProcess>[];
  readonly lines: readonly Line[];
  readonly databaseLine: DatabaseLine;
  /** The database's own disk; a sentence where this machine can't have one. */
  readonly databaseDisk: DatabaseDisk | string;
  readonly agents: readonly AgentPlace[];
  /** Terminals by id, with the agent that serves each. */
  readonly terminals: ReadonlyMap<string, AgentPlace>;
  /** Terminals whose disk was set back to an earlier day, with the moment; what they had not sent by then is gone with it. */
  readonly setBack: Map<string, number>;
  /** Terminals that will never sell again; their journals are handed in at the end. */
  readonly dead: Set<string>;
  /** Asks the database past all lines. @throws when it is down */
  query<Row extends QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Starts a server and goes on trying while its database is away. */
  startServer(index: number): Promise<void>;
}

export function sizeOf(tills: number): Size {
  return { agents: Math.ceil(tills / TILLS_PER_AGENT), terminals: tills };
}

/** Sets everything up: one PostgreSQL, two servers, a line before each, and enrolled tills that nobody serves yet. */
export async function setScene(
  folder: string,
  { terminals, agents: agentCount }: Size,
  things: Things,
  report: (step: string) => void,
): Promise<Scene> {
  const directory = join(folder, 'local');
  const paths = statePaths(directory);
  makeStateDirectory(paths);
  const databaseDisk = mountDatabaseDisk(paths.postgres);
  if (typeof databaseDisk !== 'string') things.add(async () => databaseDisk.remove());
  const local = await startLocal({
    directory,
    report,
    signal: things.signal,
    // A copy is whole by the WAL that is still there when it is made.
    postgresSettings: { wal_keep_size: '128MB', max_wal_size: '128MB', max_connections: 60 },
  });
  things.add(() => local.stop());
  // Two servers of our own take the place of the one that was started with it.
  await local.server.stop();
  const databasePort = Number(new URL(local.databaseUrls.server).port);
  const databaseLine = await startDatabaseLine(databasePort);
  things.add(() => databaseLine.close());
  const servers: Part<ServerProcess>[] = [];
  const lines: Line[] = [];
  for (let index = 0; index < SERVERS; index += 1) {
    const port = await choosePort();
    servers.push(await makeServer(index, port, local, databaseLine.port, folder));
    lines.push(await startLine(port));
  }
  for (const part of [...servers, ...lines.map((line) => ({ stop: () => line.close() }))])
    things.add(() => part.stop());
  report('Starting two servers');
  await Promise.all(servers.map((server) => server.start()));
  const terminalIds = Array.from({ length: terminals }, (_, index) => tillNamed(index + 1));
  const agents = Array.from({ length: agentCount }, (_, index) => {
    const own = terminalIds.slice(index * TILLS_PER_AGENT, (index + 1) * TILLS_PER_AGENT);
    const place = join(folder, 'agents', String(index));
    mkdirSync(place, { recursive: true, mode: 0o700 });
    return new AgentPlace(index, place, own, randomBytes(TOKEN_BYTES).toString('base64url'), folder);
  });
  for (const agent of agents) things.add(() => agent.kill());
  const scene: Scene = {
    folder,
    local,
    servers,
    lines,
    databaseLine,
    databaseDisk,
    agents,
    terminals: new Map(agents.flatMap((agent) => agent.terminalIds.map((id) => [id, agent] as const))),
    setBack: new Map(),
    dead: new Set(),
    query: (sql, values = []) => askOnce(local.databaseUrls.superuser, sql, values),
    startServer: (index) => startWhenItCan(servers[index], things.signal),
  };
  await registerTills(scene, terminalIds, report);
  return scene;
}

/** As long as a token that the agent makes for itself. */
const TOKEN_BYTES = 32;

async function makeServer(
  index: number,
  port: number,
  local: LocalInstallation,
  databasePort: number,
  folder: string,
): Promise<Part<ServerProcess>> {
  const url = Object.assign(new URL(local.databaseUrls.server), { port: String(databasePort) }).href;
  const urlFile = join(folder, `server-${index}-database-url`);
  writeFileSync(urlFile, url, { mode: 0o600 });
  return makeFurtherServer({ paths: local.paths, databaseUrlFile: urlFile, folder, name: `server-${index}`, port });
}

/** Between two tries of a server whose database is away. */
const START_PAUSE_MS = 500;
/** A database that is away longer than any fault of a schedule. */
const START_TRIES = 120;

async function startWhenItCan(server: Part<ServerProcess> | undefined, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await server?.start();
      return;
    } catch (error) {
      if (tries === START_TRIES || signal.aborted) throw error;
      await wait(START_PAUSE_MS);
    }
  }
}

async function registerTills(
  scene: Scene,
  terminalIds: readonly string[],
  report: (step: string) => void,
): Promise<void> {
  const { local, lines } = scene;
  report('Registering tills');
  const [address, ...others] = lines.map(({ port }) => `https://${HOST}:${port}`);
  if (address === undefined) throw new Error('there is no line');
  await publishParameters(local, { address, verificationUrl: local.addresses.public });
  await local.control('parameters', 'set', ...[address, ...others].flatMap((one) => ['--address', one]));
  for (const [category, rate] of [
    ['standard', '20'],
    ['zero', '0'],
  ] as const)
    await addTaxRate(local, category, rate, '2000-01-01');
  const invited = await registerShop(local, {
    taxpayerId: 'corner-shop',
    taxpayerName: 'Corner shop',
    premisesId: PREMISES_ID,
    premisesName: 'Corner',
    region: 'North',
    activity: 'retail',
    address: 'Road 2',
    terminalIds,
  });
  for (const { terminalId, invitation } of invited) await enrolAt(scene, terminalId, invitation);
}

/** Enrols a terminal into its folder, whatever is broken meanwhile; its agent must not run. @throws with what the enrolment said */
export async function enrolAt(scene: Scene, terminalId: string, invitation: string): Promise<void> {
  let outcome = await enrol({ invitation, directory: folderOf(scene, terminalId) });
  for (let tries = 1; outcome.result === 'unreachable' && tries < ENROLMENT_TRIES; tries += 1) {
    await wait(ENROLMENT_PAUSE_MS);
    outcome = await enrol({ invitation, directory: folderOf(scene, terminalId) });
  }
  if (outcome.result !== 'enrolled')
    throw new Error(`${terminalId} could not enrol (${outcome.cause}): ${outcome.detail}`);
}

/** Together longer than any fault of a server or a line. */
const ENROLMENT_TRIES = 20;
const ENROLMENT_PAUSE_MS = 1_000;

/** Where a terminal keeps its key and its journal. */
export function folderOf(scene: Scene, terminalId: string): string {
  return join(agentOf(scene, terminalId).directory, terminalId);
}

export function agentOf(scene: Scene, terminalId: string): AgentPlace {
  const agent = scene.terminals.get(terminalId);
  if (agent === undefined) throw new RangeError(`there is no terminal ${terminalId}`);
  return agent;
}

async function askOnce<Row extends QueryResultRow>(url: string, sql: string, values: unknown[]): Promise<Row[]> {
  const client = new Client({ connectionString: url, application_name: 'faults' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
