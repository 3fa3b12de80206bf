import { execFileSync } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { type Bench, rounded } from '../bench.js';
import { ask } from '../place.js';

const CONNECTIONS = 2_000;
const GOAL = 1.5;
/** What connections leave behind is gone by then, and what is kept stays. */
const SETTLE_MS = 1_500;
const BYTES_PER_KIB = 1_024;

export const idle: Bench = {
  name: 'idle',
  what: `memory of a kept idle connection, at ${CONNECTIONS}, beside the baseline`,
  isCold: true,
  unfit: () => (process.platform === 'win32' ? 'the memory of another process is read by ps' : null),
  run: async ({ place, report }) => {
    const bytes = { baseline: 0, ours: 0 };
    for (const target of ['baseline', 'ours'] as const) {
      // Once for what a server makes room for and does not give back.
      for (const isMeasured of [false, true]) {
        const before = await residentBytes(place.pids[target]);
        await ask(place.generator, { command: 'hold-idle', target, connections: CONNECTIONS });
        const held = await residentBytes(place.pids[target]);
        await ask(place.generator, { command: 'hold-idle', target, connections: isMeasured ? 0 : CONNECTIONS / 2 });
        if (!isMeasured) await ask(place.generator, { command: 'hold-idle', target, connections: 0 });
        // The first time has the growth of the heap in it, the second only what is taken again: what a connection needs is the larger one.
        bytes[target] = Math.max(bytes[target], (held - before) / CONNECTIONS);
      }
      report(`idle: ${target} ${(bytes[target] / BYTES_PER_KIB).toFixed(1)} KiB a connection`);
    }
    const ratio = bytes.ours / bytes.baseline;
    const kib = (value: number): string => `${(value / BYTES_PER_KIB).toFixed(1)} KiB`;
    return {
      standings: [],
      rows: [['idle connection', kib(bytes.ours), kib(bytes.baseline), ratio.toFixed(2), `≤ ${GOAL}`]],
      figures: {
        ratio: rounded(ratio),
        bytes: rounded(bytes.ours, 0),
        baselineBytes: rounded(bytes.baseline, 0),
        connections: CONNECTIONS,
      },
    };
  },
};

async function residentBytes(pid: number): Promise<number> {
  await wait(SETTLE_MS);
  const text = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Number(text.trim()) * BYTES_PER_KIB;
}
