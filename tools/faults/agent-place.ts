import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TillPace } from '@tax-control/billing-interface';
import type { ChildAgentNews, ChildAgentOrder, ChildAgentWord } from '@tax-control/billing-interface/testing';

const CHILD = fileURLToPath(new URL('child-agent.js', import.meta.resolve('@tax-control/billing-interface/testing')));

/** A till does by itself what it does at any shop, only sooner: a run lasts minutes. Milliseconds. */
const PACE: Partial<TillPace> = {
  probeMs: 200,
  probeMsMax: 1_000,
  idleMs: 1_000,
  drainMs: 100,
  returnMs: 300,
  parametersMs: 2_000,
  clockMs: 3_000,
  renewalMs: 1_000,
  standingMs: 300,
  holdingsMs: 5_000,
};
/** On a machine where everything else is started too. */
const START_LIMIT_MS = 60_000;
/** A sale in flight ends within its deadline, and then the agent goes. */
const STOP_LIMIT_MS = 20_000;

/** Where one agent works: a folder of tills, and the process that serves them, while one does. */
export class AgentPlace {
  /** Ends that nobody had asked for. */
  readonly crashes: string[] = [];
  namesRefused = 0;
  /** Sales of its tills with an answer, and those that it did not take. */
  salesAnswered = 0;
  salesNotTaken = 0;
  #child: ChildProcess | null = null;
  #url: string | null = null;
  #mayDie = false;

  constructor(
    readonly index: number,
    readonly directory: string,
    readonly terminalIds: readonly string[],
    private readonly token: string,
    private readonly logFolder: string,
  ) {}

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** Starts it, if it does not run. @returns the terminals whose journal it could not open */
  async start(options: Pick<ChildAgentOrder, 'journalPagesLeft'> = {}): Promise<readonly string[]> {
    if (this.#child !== null) return [];
    this.#mayDie = false;
    const { child, listening } = this.#fork(options);
    this.#child = child;
    child.once('exit', (status, signal) => {
      if (this.#child !== child) return;
      [this.#child, this.#url] = [null, null];
      if (!this.#mayDie) this.crashes.push(`agent ${this.index} ended by itself (${String(signal ?? status)})`);
    });
    const news = await listening;
    this.#url = news.listening;
    return news.unavailable;
  }

  /** Starts one beside it on the same folder. @returns the terminals whose journal it could not open; it is ended then */
  async startSecond(): Promise<readonly string[]> {
    const { child, listening } = this.#fork({});
    const { unavailable } = await listening;
    await end(child, 'SIGTERM');
    return unavailable;
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** It may end by itself from now on, as it was told to. @returns resolves when it has */
  async dies(): Promise<void> {
    this.#mayDie = true;
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  tell(word: ChildAgentWord): void {
    if (this.#child?.connected === true) this.#child.send(word);
  }

  /**
   * Calls its API as the software of a till does.
   * @returns null when nobody answers, or not to the end
   */
  async call(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer | null> {
    if (this.#url === null) return null;
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    try {
      const response = await fetch(`${this.#url}${path}`, {
        method,
        headers,
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    } catch {
      return null;
    }
  }

  #fork(options: Pick<ChildAgentOrder, 'journalPagesLeft'>) {
    const order: ChildAgentOrder = { directory: this.directory, token: this.token, pace: PACE, ...options };
    const child = fork(CHILD, [JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const log = createWriteStream(join(this.logFolder, `agent-${this.index}.log`), { flags: 'a', mode: 0o600 });
    for (const output of [child.stdout, child.stderr]) output?.pipe(log, { end: false });
    const listening = new Promise<{ listening: string; unavailable: readonly string[] }>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`agent ${this.index} did not start in time`)), START_LIMIT_MS);
      child.on('message', (news: ChildAgentNews) => {
        if ('namesRefused' in news) ({ namesRefused: this.namesRefused } = news);
        else resolve(news);
      });
      // Not when it exits: what it said last is read after that.
      child.once('close', () => log.end());
      child.once('exit', () => {
        clearTimeout(timer);
        reject(new Error(`agent ${this.index} ended before it listened; ${String(log.path)} may say why`));
      });
      child.once('message', () => clearTimeout(timer));
    });
    return { child, listening };
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    [this.#child, this.#url] = [null, null];
    if (child === null) return;
    const fault = await end(child, signal);
    if (fault !== null) this.crashes.push(`agent ${this.index}, told to stop at ${new Date().toISOString()}, ${fault}`);
  }
}

/** What an agent answered. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** @returns what went wrong; null: it ended as it was told to */
async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<string | null> {
  // It was told before, or dies at a step.
  if (child.exitCode !== null || child.signalCode !== null) return null;
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  child.kill(signal);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, STOP_LIMIT_MS);
  const [status, endedBy] = await exited;
  clearTimeout(timer);
  if (isLate) return `had not ended after ${STOP_LIMIT_MS / 1_000} s`;
  if (signal === 'SIGKILL' ? endedBy === signal : status === 0) return null;
  return `ended with ${endedBy ?? `status ${status}`}`;
}
