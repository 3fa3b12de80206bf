import type { Agent } from 'node:https';
import {
  type Invoice,
  type IssueAnswer,
  type Problem,
  type ProblemCode,
  PROBLEMS,
  type ReissueAnswer,
  signCompactJws,
} from '@tax-control/protocol';
import { expect, vi } from 'vitest';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import type { TillSettings } from '../../src/registry/till-settings.js';
import { publishParameters, Till } from '../issuance/office.js';
import { type Answer, call, type CallOptions, keepAliveAgent } from '../support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal, type TestTerminalOptions } from '../support/terminals.js';

/** How many rows each table has that an invoice or a log entry may leave a trace in. */
export interface RowCounts {
  readonly ledger: number;
  readonly content: number;
  readonly warnings: number;
  readonly refused: number;
  readonly logEntries: number;
}

/** What `expect(...)` gets where nothing was stored. */
export const NOTHING_STORED: RowCounts = { ledger: 0, content: 0, warnings: 0, refused: 0, logEntries: 0 };

/** The whole server on a database of its own, shared by the tests of one file. */
export interface BadInputGround {
  readonly ground: TestGround;
  readonly server: TestServer;
  newTill(options?: TestTerminalOptions): Promise<Till>;
  counts(): Promise<RowCounts>;
  /** Runs something and tells what it answered and how many rows it left. */
  storing<T>(work: () => Promise<T>): Promise<{ readonly answer: T; readonly stored: RowCounts }>;
  stop(): Promise<void>;
}

export async function startBadInputGround(
  settings: Partial<TillSettings> = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<BadInputGround> {
  const ground = await makeGround();
  await publishParameters(ground, settings);
  const server = await startTestServer({ ground, environment });
  const counts = () => countRows(ground);
  return {
    ground,
    server,
    counts,
    newTill: async (options = {}) =>
      new Till(await makeTerminal(ground, options), new TerminalDirectory(ground.superuser)),
    storing: async (work) => {
      const before = await counts();
      const answer = await work();
      const after = await counts();
      const names = Object.keys(after) as (keyof RowCounts)[];
      const stored = Object.fromEntries(names.map((name) => [name, after[name] - before[name]]));
      return { answer, stored: stored as unknown as RowCounts };
    },
    stop: async () => {
      await server.stop();
      await ground.clear();
    },
  };
}

async function countRows({ superuser }: TestGround): Promise<RowCounts> {
  const count = (table: string, name: string): string => `(SELECT count(*)::integer FROM ${table}) AS "${name}"`;
  const { rows } = await superuser.query<{ [Name in keyof RowCounts]: number }>(
    `SELECT ${[
      count('ledger', 'ledger'),
      count('content', 'content'),
      count('invoice_warning', 'warnings'),
      count('refused_invoice', 'refused'),
      count('transaction_log_entry', 'logEntries'),
    ].join(', ')}`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('count(*) gave no row');
  return row;
}

/** One till on one connection that it keeps: whatever it is told, the connection must go on. */
export class Counter {
  readonly agent: Agent;

  constructor(
    private readonly server: TestServer,
    readonly till: Till,
  ) {
    this.agent = keepAliveAgent(server, till.terminal);
  }

  call<Body = Record<string, unknown>>(path: string, options: CallOptions = {}): Promise<Answer<Body>> {
    return call<Body>(this.server, path, { ...options, tls: { agent: this.agent } });
  }

  issue(invoice: string): Promise<Answer<IssueAnswer & Problem>> {
    return this.call('/v1/invoices', { body: { invoice } });
  }

  reissue(invoices: unknown): Promise<Answer<ReissueAnswer & Problem>> {
    return this.call('/v1/reissues', { body: { invoices } as object });
  }

  /** The local port of the connection that lies ready, made first where there is none. A new connection has a new port. */
  async connection(): Promise<number> {
    if (this.#readyPort() === undefined) await this.sell();
    return vi.waitUntil(() => this.#readyPort(), { interval: 2, timeout: 60_000 });
  }

  /** Sells something in order, and tells what became of it. */
  async sell(): Promise<string> {
    const { result, code } = (await this.issue(this.till.sign().jws)).json();
    return result ?? code;
  }

  #readyPort(): number | undefined {
    return Object.values(this.agent.freeSockets).flat()[0]?.localPort;
  }

  close(): void {
    this.agent.destroy();
  }
}

/** A compact JWS of any bytes with the till's own key, under the usual header or another. */
export function signBytes(till: Till, payload: Buffer | string, header: object = usualHeader(till)): string {
  return signCompactJws(header as Record<string, unknown>, payload, till.terminal.key);
}

export function usualHeader(till: Till): { readonly typ: string; readonly 'x5t#S256': string } {
  return { typ: 'invoice+jws', 'x5t#S256': till.terminal.thumbprint };
}

/** The text of a till's next invoice, to be spoiled: `JSON.stringify` and nothing else. */
export function nextText(till: Till, overrides: Partial<Invoice> = {}): string {
  const [, payload = ''] = till.sign(overrides).jws.split('.');
  return Buffer.from(payload, 'base64url').toString('utf8');
}

/** The cause on file for these very bytes of a till, and what they say of themselves; null where they are not on file. */
export async function refusalOf(
  { ground }: BadInputGround,
  { terminalId }: Till,
  jws: string,
): Promise<Record<string, unknown> | null> {
  const { rows } = await ground.superuser.query<Record<string, unknown>>(
    `SELECT cause, door, invoice_id, journal_id, counter FROM refused_invoice
     WHERE terminal_id = $1 AND body = $2 AND digest = sha256($2)`,
    [terminalId, Buffer.from(jws)],
  );
  return rows[0] ?? null;
}

/** What a bad request came to. */
export interface Outcome {
  readonly status: number;
  readonly problem: unknown;
  /** Where the first fault is, if it was told. */
  readonly pointer: string | undefined;
  readonly stored: RowCounts;
  /** What became of a sale in order that came next. */
  readonly next: string;
  /** Whether that sale went over the same connection. */
  readonly isSameConnection: boolean;
}

/** Sends something bad over a kept connection, and then a sale in order. */
export async function outcomeOf(
  ground: BadInputGround,
  counter: Counter,
  send: () => Promise<Answer<Problem>>,
): Promise<Outcome> {
  const connection = await counter.connection();
  const { answer, stored } = await ground.storing(send);
  const problem = answer.json();
  const next = await counter.sell();
  const isSameConnection = (await counter.connection()) === connection;
  return { status: answer.status, problem, pointer: problem.errors?.[0]?.pointer, stored, next, isSameConnection };
}

/** An invoice was refused: told why, kept with its bytes, and everything goes on. */
export function refusedWith(code: ProblemCode, pointer?: string): Outcome {
  const stored = { ...NOTHING_STORED, refused: 1 };
  const problem = aProblem(code, { retry: 'never' });
  return { status: PROBLEMS[code].status, problem, pointer, stored, next: 'issued', isSameConnection: true };
}

/** What every refusal looks like, whatever its code. */
export function aProblem(code: ProblemCode, facts: object = {}): unknown {
  return expect.objectContaining({
    code,
    type: `urn:tax-control:problem:${code}`,
    title: expect.any(String) as string,
    detail: expect.any(String) as string,
    requestId: expect.any(String) as string,
    ...facts,
  });
}
