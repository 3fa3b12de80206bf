/**
 * A till in a process of its own, for specs that kill it: opens the folder, tells so, and sells.
 * Started as `node dist/testing/child-till.js '{"directory": …}'`; writes one JSON object a line.
 */
import type { TillStep } from '../till/till-parts.js';
import { openTill } from '../till/open-till.js';
import { STILL } from './till-bench.js';
import { draft } from './till-folder.js';

export interface ChildOrder {
  readonly directory: string;
  /** Where the process kills itself, as a power cut would. */
  readonly dieAt?: TillStep;
  /** Sales to make, one after the other. */
  readonly sales?: readonly string[];
  readonly drain?: boolean;
  /** Stay open until the process is ended. */
  readonly stay?: boolean;
}

const order = JSON.parse(process.argv[2] ?? '{}') as ChildOrder;
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const till = await openTill({
  directory: order.directory,
  software: { name: 'Child till', version: '1.0.0' },
  pace: STILL,
  onStep: (step) => {
    if (step === order.dieAt) process.kill(process.pid, 'SIGKILL');
  },
});
say({ opened: true });
for (const saleId of order.sales ?? []) say(await till.issue(saleId, draft(saleId)));
if (order.drain === true) say(await till.drain());
if (order.stay === true) setInterval(() => undefined, 1_000);
else await till.close();
