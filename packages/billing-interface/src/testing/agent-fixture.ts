import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InvoiceDraft } from '../api.js';
import { type AgentOptions, type RunningAgent, startAgent } from '../agent/agent.js';
import { MemoryTill } from './memory-till.js';

export const TOKEN = 'spec-token-of-an-agent-with-43-characters-00';

/** A valid draft, for specs. */
export const sampleDraft: InvoiceDraft = {
  kind: 'sale',
  number: '2026-0017',
  currency: 'GBP',
  priceBasis: 'gross',
  lines: [{ type: 'goods', description: 'Espresso', quantity: '1', unitPrice: '255', taxCategory: 'standard' }],
  payments: [{ method: 'cash', amount: 255 }],
};

/** An agent over tills in memory, in a folder of its own. */
export interface AgentFixture {
  readonly agent: RunningAgent;
  readonly directory: string;
  readonly tills: ReadonlyMap<string, MemoryTill>;
  /** Messages that the agent logged. */
  readonly logged: string[];
  /** Calls the agent with the token; `init.headers` may take its place. */
  call(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown): Promise<Response>;
  end(): Promise<void>;
}

export function addTerminal(directory: string, terminalId: string): void {
  mkdirSync(join(directory, terminalId));
  writeFileSync(join(directory, terminalId, 'terminal.json'), JSON.stringify({ terminalId }));
}

/** A folder that names the terminal of another one: an old copy, a cloned disk. */
export function copyTerminal(directory: string, terminalId: string, copy: string): void {
  mkdirSync(join(directory, copy));
  copyFileSync(join(directory, terminalId, 'terminal.json'), join(directory, copy, 'terminal.json'));
}

/** Starts an agent with terminals till-1 and till-2; folders named `damaged…` cannot be opened. */
export async function startFixture(overrides: Partial<AgentOptions> = {}): Promise<AgentFixture> {
  const directory = mkdtempSync(join(tmpdir(), 'agent-'));
  addTerminal(directory, 'till-1');
  addTerminal(directory, 'till-2');
  addTerminal(directory, 'damaged-3');
  writeFileSync(join(directory, 'agent-token'), 'a file beside the folders\n');
  const tills = new Map<string, MemoryTill>();
  const logged: string[] = [];
  const agent = await startAgent({
    directories: [directory],
    openTill: (path) => {
      const terminalId = path.split('/').at(-1) ?? '';
      if (terminalId.startsWith('damaged')) throw new Error('The journal is damaged. Export it.');
      const till = new MemoryTill(terminalId);
      tills.set(terminalId, till);
      return till;
    },
    address: { host: '127.0.0.1', port: 0 },
    tls: null,
    token: TOKEN,
    version: '0.0.0',
    log: ({ message, cause }) => logged.push(`${message} ${cause ?? ''}`),
    ...overrides,
  });
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(agent.url + path, { headers: { authorization: `Bearer ${TOKEN}` }, ...init });
  return {
    agent,
    directory,
    tills,
    logged,
    call,
    post: (path, body) =>
      call(path, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    end: async () => {
      await agent.close();
      rmSync(directory, { recursive: true });
    },
  };
}
