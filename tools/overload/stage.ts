import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publishParameters } from '../bench/publish-parameters.js';
import { type BenchTerminal, makeTerminals } from '../bench/terminals.js';
import { type LocalInstallation, startLocal } from '../local/start-local.js';
import { type BoundedMemory, makeBoundedMemory } from './bounded-memory.js';

/** Honest tills that sell, and those that bring what waited with them. */
export const SELLERS = 60;
export const LATECOMERS = 10;

/** An installation whose server has bounded memory, and everybody's terminals. */
export interface Stage {
  readonly local: LocalInstallation;
  readonly authorityPem: string;
  readonly sellers: readonly BenchTerminal[];
  readonly latecomers: readonly BenchTerminal[];
  /** Terminals of each attack, by its name. */
  readonly attackers: ReadonlyMap<string, readonly BenchTerminal[]>;
  /** Why the server's memory has no bound; null: it has. */
  readonly unbounded: string | null;
  /** Starts the server anew, in a place of its own. */
  restart(): Promise<Scene>;
}

/** One run of the server. */
export interface Scene {
  readonly pid: number;
  readonly memory: BoundedMemory | null;
}

export async function setStage(
  folder: string,
  attacks: readonly { readonly name: string; readonly terminals: number }[],
  memoryBytes: number,
  report: (step: string) => void,
  onStarted: (end: () => Promise<void>) => void,
  signal: AbortSignal,
): Promise<Stage> {
  const places: BoundedMemory[] = [];
  let unbounded: string | null = null;
  const launcher = (): readonly string[] => {
    const place = makeBoundedMemory(memoryBytes);
    if ('reason' in place) {
      unbounded = place.reason;
      return [];
    }
    places.push(place);
    return place.launcher;
  };
  const local = await startLocal({ directory: join(folder, 'local'), report, signal, serverLauncher: launcher });
  onStarted(async () => {
    await local.stop();
    for (const place of places) place.remove();
  });
  await publishParameters(local);
  report('Registering tills');
  const count = SELLERS + LATECOMERS + attacks.reduce((sum, { terminals }) => sum + terminals, 0);
  const terminals = await makeTerminals(count, local.paths.keys, local.databaseUrls.superuser);
  const take = (number: number): BenchTerminal[] => terminals.splice(0, number);
  return {
    local,
    authorityPem: await readFile(join(local.paths.keys, 'ca', 'certificate.pem'), 'utf8'),
    sellers: take(SELLERS),
    latecomers: take(LATECOMERS),
    attackers: new Map(attacks.map(({ name, terminals: number }) => [name, take(number)])),
    unbounded,
    async restart() {
      await local.server.stop();
      const { pid } = await local.server.start();
      return { pid, memory: places.at(-1) ?? null };
    },
  };
}
