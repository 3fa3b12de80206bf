import { randomBytes } from 'node:crypto';
import { appendFileSync, cpSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TillStep } from '@tax-control/billing-interface';
import type { AgentPlace } from '../agent-place.js';
import { type Aim, type FaultKind, numberOf, type PlannedFault, textOf } from '../fault.js';
import { anyTill, lastTill, type Size } from '../size.js';
import type { Random } from '../../simulator/random.js';
import { agentOf, folderOf, type Scene } from '../scene.js';

const STEPS: readonly TillStep[] = ['signed', 'answered', 'sealed', 'chunk_written', 'chunk_answered'];
const MS_PER_HOUR = 3_600_000;
const HOURS_PER_YEAR = 8_766;
/** Pages of a journal that are still free when its disk is said to be full: a sale takes about one. */
const PAGES_LEFT = 1;
/** A step that does not come is not waited for longer: nothing was sold, or nothing waited. */
const STEP_LIMIT_MS = 10_000;

function aimAtAgent(random: Random, { agents }: Size, detail: Aim['detail'] = {}): Aim {
  const agent = random.whole(0, agents - 1);
  return { holds: [`agent ${agent}`], detail: { agent, ...detail } };
}

function agentAt(scene: Scene, fault: PlannedFault): AgentPlace {
  const index = numberOf(fault, 'agent');
  const agent = scene.agents[index];
  if (agent === undefined) throw new RangeError(`there is no agent ${index}`);
  return agent;
}

const journalsOf = (agent: AgentPlace): string[] =>
  readdirSync(agent.directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('journal.sqlite'))
    .map((name) => join(agent.directory, name));

/** What happens at a till. */
export const TILL_FAULTS: readonly FaultKind[] = [
  {
    name: 'till_killed',
    what: 'the process of some tills is killed at any moment and started again',
    lasts: [50, 2_000],
    share: 2,
    aim: (random, size) => aimAtAgent(random, size),
    act: async (scene, fault, lasting) => {
      const agent = agentAt(scene, fault);
      await agent.kill();
      await lasting.over();
      await agent.start();
      return { count: 1, of: 'processes killed' };
    },
  },
  {
    name: 'till_dies_at_write',
    what: 'the process of some tills dies at a step of a sale or a reissue',
    lasts: [50, 1_500],
    share: 3,
    aim: (random, size) => aimAtAgent(random, size, { step: random.pick(STEPS) }),
    act: async (scene, fault, lasting) => {
      const agent = agentAt(scene, fault);
      const step = STEPS.find((one) => one === textOf(fault, 'step'));
      if (step === undefined) throw new RangeError('there is no such step');
      const died = agent.dies().then(() => true);
      agent.tell({ dieAt: step });
      const hasDied = await Promise.race([died, later(STEP_LIMIT_MS).then(() => false)]);
      if (!hasDied) await agent.stop();
      await lasting.over();
      await agent.start();
      return { count: hasDied ? 1 : 0, of: 'deaths' };
    },
  },
  {
    name: 'till_torn_write',
    what: 'a power cut leaves the journal with a torn write that was never synced',
    lasts: [50, 1_500],
    aim: (random, size) => aimAtAgent(random, size, { bytes: random.whole(1, 9_000) }),
    act: async (scene, fault, lasting) => {
      const agent = agentAt(scene, fault);
      await agent.kill();
      const logs = journalsOf(agent).map((journal) => `${journal}-wal`);
      const torn = logs.filter((log) => statSync(log, { throwIfNoEntry: false }) !== undefined);
      for (const log of torn) appendFileSync(log, randomBytes(numberOf(fault, 'bytes')));
      await lasting.over();
      await agent.start();
      return { count: torn.length, of: 'journals torn' };
    },
  },
  {
    name: 'till_disk_full',
    what: 'a journal has no room for more than a few sales',
    lasts: [3_000, 6_000],
    aim: (random, size) => aimAtAgent(random, size),
    act: async (scene, fault, lasting) => {
      const agent = agentAt(scene, fault);
      await agent.stop();
      const before = agent.salesNotTaken;
      await agent.start({ journalPagesLeft: PAGES_LEFT });
      await lasting.over();
      const count = agent.salesNotTaken - before;
      await agent.stop();
      await agent.start();
      return { count, of: 'sales not taken' };
    },
  },
  {
    name: 'clock_jump',
    what: 'the clock of some tills jumps by hours or years, and back',
    lasts: [1_000, 6_000],
    share: 2,
    aim: (random, size) => {
      const hours = random.pick([1, 26, HOURS_PER_YEAR, 10 * HOURS_PER_YEAR]) * random.pick([1, -1]);
      return aimAtAgent(random, size, { hours });
    },
    act: async (scene, fault, lasting) => {
      const agent = agentAt(scene, fault);
      const before = agent.salesAnswered;
      agent.tell({ clockAheadMs: numberOf(fault, 'hours') * MS_PER_HOUR });
      await lasting.over();
      agent.tell({ clockAheadMs: 0 });
      return { count: agent.salesAnswered - before, of: 'sales meanwhile' };
    },
  },
  {
    name: 'two_agents',
    what: 'a second process is started on the same tills',
    lasts: [100, 500],
    aim: (random, size) => aimAtAgent(random, size),
    act: async (scene, fault) => {
      const agent = agentAt(scene, fault);
      const isOurs = agent.isRunning;
      const shut = await agent.startSecond();
      const open = agent.terminalIds.filter((id) => !scene.dead.has(id)).length - shut.length;
      if (isOurs && agent.isRunning && open > 0)
        throw new Error(`a second process opened ${open} journals that the first one holds`);
      return { count: shut.length, of: 'journals kept from it' };
    },
  },
  {
    name: 'old_journal',
    what: 'the disk of a till is set back to what it was some time before',
    lasts: [3_000, 10_000],
    most: 1,
    aim: (random, size) => {
      const { terminal, agent } = anyTill(random, size);
      return { holds: [agent, 'disk'], detail: { terminal } };
    },
    act: async (scene, fault, lasting) => {
      const terminal = textOf(fault, 'terminal');
      const agent = agentOf(scene, terminal);
      const folder = folderOf(scene, terminal);
      const image = join(scene.folder, `image-${fault.id}`);
      await agent.stop();
      cpSync(folder, image, { recursive: true, preserveTimestamps: true });
      await agent.start();
      const before = await lastCounterOf(agent, terminal);
      await lasting.over();
      const lost = (await lastCounterOf(agent, terminal)) - before;
      await agent.kill();
      scene.setBack.set(terminal, performance.now());
      rmSync(folder, { recursive: true });
      cpSync(image, folder, { recursive: true, preserveTimestamps: true });
      await agent.start();
      return { count: lost, of: 'invoices gone from the disk' };
    },
  },
  {
    name: 'till_dead',
    what: 'a till is dead for good; its journal is handed in',
    lasts: [50, 500],
    most: 1,
    aim: (_random, size) => ({ holds: [`agent ${size.agents - 1}`], detail: { terminal: lastTill(size) } }),
    act: async (scene, fault) => {
      const terminal = textOf(fault, 'terminal');
      const agent = agentOf(scene, terminal);
      scene.dead.add(terminal);
      await agent.kill();
      // Its folder lies elsewhere, as on a disk that was taken out; the other till of the box goes on.
      cpSync(folderOf(scene, terminal), join(scene.folder, 'dead', terminal), { recursive: true });
      rmSync(folderOf(scene, terminal), { recursive: true });
      await agent.start();
      return { count: 1, of: 'tills dead' };
    },
  },
];

async function lastCounterOf(agent: AgentPlace, terminal: string): Promise<number> {
  const answer = await agent.call('GET', `/v1/terminals/${terminal}/status`);
  const counter: unknown =
    typeof answer?.body === 'object' && answer.body !== null ? Reflect.get(answer.body, 'lastCounter') : 0;
  return Number(counter);
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
