import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ATTEMPT_ID_HEADER, type Invoice, signInvoice, uuidV7 } from '@tax-control/protocol';
import { makeInvoiceOfLines } from '@tax-control/protocol/testing';
import { HttpConnection, postRequest } from '../bench/http-connection.js';
import type { BenchTerminal } from '../bench/terminals.js';
import type { Sample, TillsCommand, TillsPlan, TillsReport } from './messages.js';

/* The honest tills: a process of its own. The load is open: a sale is due at its time, whatever became of the ones before. */

/** A till brings what waited with more time. */
const LIST_DEADLINE_MS = 30_000;
/** The average of real invoices. */
const LINES = 21;
const LIST_INVOICES = 5;

class HonestTill {
  readonly #key: KeyObject;
  readonly #journalId = randomUUID();
  #counter = 0;
  #previousDigest: string | null = null;
  #connection: HttpConnection | null = null;

  constructor(
    private readonly terminal: BenchTerminal,
    private readonly plan: TillsPlan,
  ) {
    this.#key = createPrivateKey(terminal.keyPem);
  }

  async sell(): Promise<string | null> {
    const body = JSON.stringify({ invoice: this.#sign() });
    return this.#send('/v1/invoices', body, this.plan.saleDeadlineMs, ({ result }) =>
      result === 'issued' ? null : String(result),
    );
  }

  async bringList(): Promise<string | null> {
    const body = JSON.stringify({ invoices: Array.from({ length: LIST_INVOICES }, () => this.#sign()) });
    return this.#send('/v1/reissues', body, LIST_DEADLINE_MS, ({ results }) =>
      Array.isArray(results) && results.every(({ result }: { result: unknown }) => result === 'issued')
        ? null
        : 'not issued',
    );
  }

  close(): void {
    this.#connection?.close();
  }

  /** Its line breaks, whatever is under way on it. */
  cutLine(): void {
    this.#connection?.cut();
  }

  #sign(): string {
    const { terminalId, taxpayerId, premisesId, thumbprint } = this.terminal;
    const issuedAt = new Date().toISOString();
    this.#counter += 1;
    const invoice: Invoice = {
      ...makeInvoiceOfLines(LINES),
      id: uuidV7(Date.now()),
      terminalId,
      taxpayerId,
      premisesId,
      journalId: this.#journalId,
      counter: this.#counter,
      previousDigest: this.#previousDigest,
      number: `R-${this.#counter}`,
      issuedAt,
      businessDay: issuedAt.slice(0, 'YYYY-MM-DD'.length),
    };
    const { jws, digest } = signInvoice(invoice, this.#key, thumbprint);
    this.#previousDigest = digest;
    return jws;
  }

  /** @returns null when it was issued in time, or what came instead */
  async #send(
    path: string,
    body: string,
    deadlineMs: number,
    judge: (answer: Record<string, unknown>) => string | null,
  ): Promise<string | null> {
    const over = new AbortController();
    const exchange = async (): Promise<string | null> => {
      const connection = (this.#connection ??= await this.#open(over.signal));
      const { status, body: text } = await connection.send(
        postRequest('localhost', path, body, { [ATTEMPT_ID_HEADER]: randomUUID() }),
      );
      const answer = JSON.parse(text) as Record<string, unknown>;
      return status === 200 ? judge(answer) : String(answer['code']);
    };
    const late = delay(deadlineMs, 'no answer in time', { signal: over.signal }).catch(() => null);
    try {
      const instead = await Promise.race([exchange(), late]);
      if (instead === 'no answer in time') this.#drop();
      return instead;
    } catch (error) {
      this.#drop();
      return error instanceof Error ? error.message : String(error);
    } finally {
      over.abort();
    }
  }

  /** A connection that opens after its till has given up is closed again. */
  async #open(signal: AbortSignal): Promise<HttpConnection> {
    const { host, port, authorityPem: ca } = this.plan;
    const { keyPem: key, certificatePem: cert } = this.terminal;
    const connection = await HttpConnection.open({ host, port, servername: 'localhost', ca, key, cert });
    if (signal.aborted) connection.close();
    return connection;
  }

  #drop(): void {
    this.#connection?.close();
    this.#connection = null;
  }
}

let beganMs = 0;
let samples: Sample[] = [];
let isOver = false;
const tills: HonestTill[] = [];
const working: Promise<void>[] = [];

/** Lets one till work: each request at its time, or as soon as the one before is done, counted from its time. */
async function work(
  kind: Sample['kind'],
  intervalMs: number,
  offsetMs: number,
  act: () => Promise<string | null>,
): Promise<void> {
  for (let dueMs = offsetMs; ; dueMs += intervalMs) {
    const waitMs = dueMs - now();
    if (waitMs > 0) await delay(waitMs);
    if (isOver) return;
    const instead = await act();
    samples.push({ kind, dueMs, tookMs: now() - dueMs, hasCode: instead === null, instead });
  }
}

function now(): number {
  return performance.now() - beganMs;
}

function start(plan: TillsPlan): void {
  beganMs = performance.now();
  const { intervalMs } = plan;
  const offset = (index: number, count: number): number => (index * intervalMs) / count;
  for (const [index, terminal] of plan.sellers.entries()) {
    const till = new HonestTill(terminal, plan);
    tills.push(till);
    const sales = work('sale', intervalMs, offset(index, plan.sellers.length), () => till.sell());
    working.push(sales.then(() => till.close()));
  }
  for (const [index, terminal] of plan.latecomers.entries()) {
    const till = new HonestTill(terminal, plan);
    tills.push(till);
    const lists = work('list', intervalMs, offset(index, plan.latecomers.length), () => till.bringList());
    working.push(lists.then(() => till.close()));
  }
}

async function obey(command: TillsCommand): Promise<void> {
  if (command.command === 'start') start(command.plan);
  if (command.command === 'cut') for (const till of tills) till.cutLine();
  if (command.command === 'stop') {
    isOver = true;
    await Promise.all(working);
  }
  const taken = samples;
  samples = [];
  process.send?.({ samples: taken, nowMs: now() } satisfies TillsReport);
}

process.on('message', (command: TillsCommand) => void obey(command));
process.on('disconnect', () => process.exit(0));
