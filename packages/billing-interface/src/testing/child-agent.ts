/**
 * An agent in a separate process, as `tax-terminal agent` starts one. A test of faults can change its clock, its name server,
 * the room on its disk, and the moment at which it dies. It is started by `fork` with an order as JSON, and speaks by messages.
 */
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import type dns from 'node:dns';
import { startAgent } from '../agent/agent.js';
import { parseListenAddress } from '../agent/listen-address.js';
import { TillFiles } from '../enrolment/till-files.js';
import { openTill } from '../till/open-till.js';
import type { TillPace } from '../till/pace.js';
import type { TillStep } from '../till/till-parts.js';

export interface ChildAgentOrder {
  /** Folder of tills. */
  readonly directory: string;
  readonly token: string;
  readonly pace: Partial<TillPace>;
  /** Pages of 4 KiB by which each journal may grow: what does not fit finds the disk full. */
  readonly journalPagesLeft?: number;
}

/** What it is told while it runs. */
export type ChildAgentWord =
  /** Its clock is so many milliseconds ahead of the real one; below 0: behind. */
  | { readonly clockAheadMs: number }
  /** Its name server answers, or knows no name. */
  | { readonly namesFound: boolean }
  /** It kills itself, as a power cut would, the next time that a sale or a reissue is there. */
  | { readonly dieAt: TillStep };

/** What it tells. */
export type ChildAgentNews =
  | { readonly listening: string; readonly unavailable: readonly string[] }
  /** Questions to the name server that were answered with "unknown". */
  | { readonly namesRefused: number };

const order = JSON.parse(process.argv[2] ?? '{}') as ChildAgentOrder;
let clockAheadMs = 0;
let dieAt: TillStep | null = null;
let namesFound = true;
let namesRefused = 0;

const tell = (news: ChildAgentNews): void => void process.send?.(news);

/** The one function by which Node.js asks for names; what it is given is passed on as it is. */
function watchNames(): void {
  const names = createRequire(import.meta.url)('node:dns') as { lookup: typeof dns.lookup };
  const { lookup } = names;
  names.lookup = ((...given: Parameters<typeof lookup>) => {
    if (namesFound) return lookup(...given);
    namesRefused += 1;
    tell({ namesRefused });
    const [name] = given;
    const fault = Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND', hostname: name });
    const answer = given.at(-1) as unknown as (error: Error) => void;
    process.nextTick(() => answer(fault));
  }) as typeof lookup;
}

function onStep(step: TillStep): void {
  if (step === dieAt) process.kill(process.pid, 'SIGKILL');
}

const PAGE_BYTES = 4_096;

function pagesOf(directory: string): number {
  return Math.ceil(statSync(new TillFiles(directory).journal).size / PAGE_BYTES);
}

watchNames();
process.on('message', (word: ChildAgentWord) => {
  if ('clockAheadMs' in word) ({ clockAheadMs } = word);
  else if ('dieAt' in word) ({ dieAt } = word);
  else ({ namesFound } = word);
});
const address = parseListenAddress('127.0.0.1:0');
if (address === null) throw new Error('loopback is no address');
const agent = await startAgent({
  directories: [order.directory],
  openTill: (directory) =>
    openTill({
      directory,
      software: { name: 'Child agent', version: '1.0.0' },
      pace: order.pace,
      clock: { now: () => Date.now() + clockAheadMs, monotonicMs: () => performance.now() },
      onStep,
      ...(order.journalPagesLeft !== undefined && { journalPagesMax: pagesOf(directory) + order.journalPagesLeft }),
    }),
  address,
  tls: null,
  token: order.token,
  version: '1.0.0',
  log: ({ message, cause = '' }) => process.stderr.write(`${message} ${cause}\n`),
});
const stop = (): void => {
  // Closing sends what waits, and must not die of it.
  dieAt = null;
  void agent.close().then(() => process.exit(0));
};
process.once('SIGTERM', stop);
// The process that started it is gone.
process.once('disconnect', stop);
// Last: whoever hears that it listens may stop it at once.
tell({
  listening: agent.url,
  unavailable: agent.terminals.flatMap((lane) => (lane.state === 'unavailable' ? [lane.terminalId] : [])),
});
