import { readFileSync, writeFileSync } from 'node:fs';
import type { LogEntry } from '@tax-control/protocol';
import type { BillingInterface, DrainReport, InvoiceDraft, SaleResult, TillStatus } from '../api.js';
import { readToken } from '../agent/agent-token.js';
import { CommandFailure, EXIT_STATUSES } from './exit-status.js';

/** A till as the commands need it: opened here from its folder, or behind a running agent that holds its journal. */
export interface TillAccess {
  issue(saleId: string, draft: InvoiceDraft): Promise<SaleResult>;
  lookUp(saleId: string): Promise<SaleResult | null>;
  drain(): Promise<DrainReport>;
  status(): Promise<TillStatus>;
  log(limit: number): Promise<readonly LogEntry[]>;
  importParameters(
    jws: string,
  ): Promise<{ readonly result: 'taken' | 'not_newer' | 'refused'; readonly detail: string }>;
  close(): Promise<void>;
}

/** The till whose folder this process has opened. */
export function localAccess(till: BillingInterface): TillAccess {
  return {
    issue: (saleId, draft) => till.issue(saleId, draft),
    lookUp: (saleId) => Promise.resolve(till.lookUp(saleId)),
    drain: () => till.drain(),
    status: () => Promise.resolve(till.status()),
    log: (limit) => Promise.resolve(till.log(limit)),
    importParameters: (jws) => Promise.resolve(till.importParameters(jws)),
    close: () => till.close(),
  };
}

const NOT_FOUND = 404;
/** Members that a sale's problem has beside the result itself (RFC 9457). */
const PROBLEM_MEMBERS = ['type', 'title', 'status'];

/** The till behind an agent. */
export function agentAccess(url: string, terminalId: string, tokenFile: string): TillAccess {
  const token = readTokenFile(tokenFile);
  const base = `${url.replace(/\/$/, '')}/v1/terminals/${encodeURIComponent(terminalId)}`;
  const call = (path: string, body?: object, method = body === undefined ? 'GET' : 'POST'): Promise<Answer> =>
    ask(`${base}${path}`, method, token, body);
  const get = async <T>(path: string): Promise<T> => expected(await call(path));
  return {
    issue: async (saleId, draft) => saleOf(await call(`/sales/${encodeURIComponent(saleId)}`, draft)),
    lookUp: async (saleId) => {
      const answer = await call(`/sales/${encodeURIComponent(saleId)}`);
      return answer.status === NOT_FOUND && answer.body['code'] === 'sale_unknown' ? null : saleOf(answer);
    },
    drain: async () => expected(await call('/drain', undefined, 'POST')),
    status: () => get('/status'),
    log: async (limit) => (await get<{ entries: readonly LogEntry[] }>(`/log?limit=${limit}`)).entries,
    importParameters: async (jws) => {
      const answer = await call('/parameters', { parameters: jws });
      return 'result' in answer.body ? (answer.body as never) : expected(answer);
    },
    close: () => Promise.resolve(),
  };
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(url: string, method: string, token: string, body?: object): Promise<Answer> {
  try {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: answer.status, body: (await answer.json()) as Answer['body'] };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new CommandFailure(
      EXIT_STATUSES.failed,
      `The agent at ${new URL(url).origin} cannot be reached (${cause}). Start it with tax-terminal agent, or compare the address.`,
    );
  }
}

/** The result of a sale out of an answer, also where it was told as a problem. */
function saleOf(answer: Answer): SaleResult {
  if (!('result' in answer.body)) return expected(answer);
  const members = Object.entries(answer.body).filter(([name]) => !PROBLEM_MEMBERS.includes(name));
  return Object.fromEntries(members) as unknown as SaleResult;
}

/** The body of an answer that went well; the agent's OpenAPI document says its shape, and a spec holds it to that. */
function expected({ status, body }: Answer): never {
  if (status < 400) return body as never;
  const exit = body['code'] === 'terminal_unavailable' ? EXIT_STATUSES.journalUnavailable : EXIT_STATUSES.failed;
  throw new CommandFailure(exit, `${String(body['title'])} ${String(body['detail'])}`, { problem: body });
}

function readTokenFile(path: string): string {
  try {
    return readToken(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandFailure(
      EXIT_STATUSES.usage,
      code === undefined
        ? message
        : `The token file ${path} cannot be read (${code}). The agent makes it at its first start; it tells where.`,
    );
  }
}

/** Reads a file that a person named; says so when it cannot be read. */
export function readNamedFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandFailure(
      EXIT_STATUSES.usage,
      `The file ${path} cannot be read (${error instanceof Error ? error.message : String(error)}). Compare its name.`,
    );
  }
}

/** Writes to a file or printer that a person named; says so when it cannot be written. */
export function writeNamedFile(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new CommandFailure(
      EXIT_STATUSES.usage,
      `The file ${path} cannot be written (${error instanceof Error ? error.message : String(error)}). Name another one.`,
    );
  }
}
