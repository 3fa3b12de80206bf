import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { exportJournal } from '@tax-control/billing-interface';
import { ControlFailure } from '../local/control.js';
import type { Customers } from './customers.js';
import { agentOf, folderOf, type Scene } from './scene.js';

/** For each thing that tills and servers do by themselves, when all is well again. */
const LIMIT_MS = 180_000;
const LOOK_MS = 250;

/** What did not come to rest; empty: all did. */
export interface Settled {
  readonly faults: readonly string[];
  /** Files that the audit reads, one for each till that is served. */
  readonly tillExports: readonly string[];
}

/**
 * All is healed: each till sells once more, so that it hears of what happened meanwhile, and sends what waits; the journals of dead tills are
 * handed in; every till says that all that it holds is on file. Then the tills are closed.
 */
export async function settle(
  scene: Scene,
  customers: ReadonlyMap<string, Customers>,
  report: (step: string) => void,
): Promise<Settled> {
  const faults: string[] = [];
  await heal(scene);
  report('Draining the tills');
  const living = [...scene.terminals.keys()].filter((id) => !scene.dead.has(id));
  await Promise.all(
    living.map(async (id) => {
      await customers.get(id)?.next();
      const left = await drain(scene, id);
      if (left !== null) faults.push(`${id} did not come to rest in ${LIMIT_MS / 1_000} s: ${left}`);
    }),
  );
  if (scene.dead.size > 0) report('Handing in journals of dead tills');
  for (const id of scene.dead) faults.push(...(await handIn(scene, id)));
  report('Waiting until each till has found on file what it holds');
  const unheard = await awaitConfirmations(scene, living);
  if (unheard.length > 0) faults.push(`${unheard.join(', ')} did not say that all it holds is on file.`);
  for (const agent of scene.agents) {
    await agent.stop();
    faults.push(...agent.crashes);
  }
  const tillExports: string[] = [];
  for (const id of living) tillExports.push(await exportOf(scene, folderOf(scene, id), id));
  return { faults, tillExports };
}

async function heal(scene: Scene): Promise<void> {
  await scene.local.postgres.start();
  scene.databaseLine.mend();
  for (const [index] of scene.servers.entries()) await scene.startServer(index);
  for (const line of scene.lines) await line.mend();
  for (const agent of scene.agents) {
    await agent.start();
    agent.tell({ clockAheadMs: 0 });
    agent.tell({ namesFound: true });
  }
}

/** @returns what is left; null: nothing */
async function drain(scene: Scene, terminalId: string): Promise<string | null> {
  const agent = agentOf(scene, terminalId);
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    await agent.call('POST', `/v1/terminals/${terminalId}/drain`);
    const answer = await agent.call('GET', `/v1/terminals/${terminalId}/status`);
    const status = (answer?.body ?? {}) as { readonly waiting?: number; readonly logWaiting?: number };
    if (status.waiting === 0 && status.logWaiting === 0) return null;
    if (performance.now() > end) return JSON.stringify(answer?.body ?? 'nobody answers');
    await wait(LOOK_MS);
  }
}

async function handIn(scene: Scene, terminalId: string): Promise<string[]> {
  const file = await exportOf(scene, join(scene.folder, 'dead', terminalId), terminalId);
  await scene.local.control('terminal', 'revoke', terminalId);
  try {
    await scene.local.control('journal', 'import', file, '--reason', 'the till is dead');
    return [];
  } catch (error) {
    if (!(error instanceof ControlFailure)) throw error;
    return [`The journal of ${terminalId} was not taken in whole: ${error.message}`];
  }
}

async function exportOf(scene: Scene, directory: string, terminalId: string): Promise<string> {
  const file = join(scene.folder, `${terminalId}.jsonl`);
  if (!existsSync(directory)) throw new Error(`there is no folder ${directory}`);
  const lines = Readable.from(exportJournal(directory)).map((line: string) => `${line}\n`);
  await pipeline(lines, createWriteStream(file, { mode: 0o600 }));
  return file;
}

async function awaitConfirmations(scene: Scene, living: readonly string[]): Promise<string[]> {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    // Where numbers never jumped, there is nothing to say.
    const rows = await scene.query<{ terminal_id: string }>(
      `SELECT terminal_id FROM terminal LEFT JOIN terminal_holdings USING (terminal_id)
       WHERE kept_since IS NOT DISTINCT FROM (SELECT max(next_number) FROM database_recovery)`,
    );
    const heard = new Set(rows.map((row) => row.terminal_id));
    const unheard = living.filter((id) => !heard.has(id));
    if (unheard.length === 0 || performance.now() > end) return unheard;
    await wait(LOOK_MS);
  }
}
