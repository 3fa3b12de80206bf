import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { ATTEMPT_ID_HEADER, type Invoice, type IssueAnswer, signInvoice, uuidV7 } from '@tax-control/protocol';
import { makeInvoiceOfLines } from '@tax-control/protocol/testing';
import { HttpConnection, postRequest } from './http-connection.js';
import type { Contestant, LoadCommand, LoadReport, PrepareRound, RoundResult, SetUp } from './load-messages.js';
import type { BenchTerminal } from './terminals.js';

/* The load generator: a process of its own, started by issue-bench.ts, so that it takes no time of the servers' event loops. */

/** Lines of the invoices, in turn: 21 on average, as measured on real shop data, and spread as there. */
const LINES = [1, 2, 5, 10, 14, 18, 21, 26, 36, 77];
const HOST = 'localhost';
/** Every so many invoices of a round is sent again afterwards: the same receipt must come back (I2). */
const RESEND_EVERY = 100;
const MICROSECONDS_PER_SECOND = 1_000_000;

interface Till {
  readonly terminal: BenchTerminal;
  readonly key: KeyObject;
  readonly journalId: string;
  counter: number;
  previousDigest: string | null;
}

interface Shot {
  readonly till: Till;
  readonly request: Buffer;
  /** Compact JWS; empty for the baseline, which takes bare JSON. */
  readonly jws: string;
}

let setUp: SetUp;
let tills: Till[] = [];
let round: { contestant: Contestant; connections: HttpConnection[]; shots: Shot[][] };
let made = 0;

async function obey(command: LoadCommand): Promise<LoadReport> {
  if (command.command === 'run') return { report: 'round', ...(await run()) };
  if (command.command === 'prepare') await prepare(command);
  else takeSetUp(command);
  return { report: 'ready' };
}

function takeSetUp(command: SetUp): void {
  setUp = command;
  tills = command.terminals.map((terminal) => ({
    terminal,
    key: createPrivateKey(terminal.keyPem),
    journalId: randomUUID(),
    counter: 0,
    previousDigest: null,
  }));
}

async function prepare({ contestant, invoices }: PrepareRound): Promise<void> {
  const shots = tills.map((): Shot[] => []);
  for (let index = 0; index < invoices; index += 1) {
    const till = tills[index % tills.length];
    if (till) shots[index % tills.length]?.push(makeShot(till, contestant));
  }
  const connections = await Promise.all(tills.map(({ terminal }) => open(terminal, contestant)));
  round = { contestant, connections, shots };
}

function open({ keyPem, certificatePem }: BenchTerminal, contestant: Contestant): Promise<HttpConnection> {
  const { authorityPem: ca, ports } = setUp;
  return HttpConnection.open({
    host: '127.0.0.1',
    servername: HOST,
    port: ports[contestant],
    ca,
    key: keyPem,
    cert: certificatePem,
  });
}

function makeShot(till: Till, contestant: Contestant): Shot {
  const { terminalId, taxpayerId, premisesId, thumbprint } = till.terminal;
  const now = new Date().toISOString();
  const invoice: Invoice = {
    ...makeInvoiceOfLines(LINES[made++ % LINES.length] ?? 1),
    id: uuidV7(),
    terminalId,
    taxpayerId,
    premisesId,
    journalId: till.journalId,
    issuedAt: now,
    businessDay: now.slice(0, 'YYYY-MM-DD'.length),
  };
  if (contestant === 'baseline')
    return {
      till,
      jws: '',
      request: postRequest(HOST, '/', JSON.stringify({ ...invoice, counter: 1, previousDigest: null })),
    };
  till.counter += 1;
  const { counter, previousDigest } = till;
  const signed = signInvoice({ ...invoice, counter, previousDigest, number: `R-${counter}` }, till.key, thumbprint);
  till.previousDigest = signed.digest;
  const body = JSON.stringify({ invoice: signed.jws });
  return {
    till,
    jws: signed.jws,
    request: postRequest(HOST, '/v1/invoices', body, { [ATTEMPT_ID_HEADER]: randomUUID() }),
  };
}

/** Sends the round's invoices, each till its own over its own connection as fast as it is answered. */
async function run(): Promise<RoundResult> {
  const { contestant, connections, shots } = round;
  const latencies: number[] = [];
  const answers = shots.map((): string[] => []);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await Promise.all(
    connections.map(async (connection, till) => {
      for (const { request } of shots[till] ?? []) {
        const sent = performance.now();
        const { status, body } = await connection.send(request);
        latencies.push(performance.now() - sent);
        if (status !== 200) throw new Error(`${contestant} answered ${status}: ${body}`);
        answers[till]?.push(body);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const checked = contestant === 'ours' ? await keepAndResend(answers) : { resent: 0, resentSame: 0 };
  for (const connection of connections) connection.close();
  latencies.sort((one, other) => one - other);
  return {
    invoices: latencies.length,
    seconds,
    generatorSeconds: (user + system) / MICROSECONDS_PER_SECOND,
    latencies,
    ...checked,
  };
}

/** Writes down what a till would have on disk, and asks for some receipts again. */
async function keepAndResend(answers: readonly string[][]): Promise<{ resent: number; resentSame: number }> {
  const lines: string[] = [];
  let [resent, resentSame] = [0, 0];
  for (const [till, ofTill] of answers.entries()) {
    for (const [index, body] of ofTill.entries()) {
      const { result, receipt } = JSON.parse(body) as IssueAnswer;
      const shot = round.shots[till]?.[index];
      if (result !== 'issued' || !shot) throw new Error(`an invoice that was sent once is ${result}`);
      lines.push(JSON.stringify({ kind: 'invoice', state: 'issued', invoice: shot.jws, receipt, cause: null }));
      if (lines.length % RESEND_EVERY !== 0) continue;
      const again = JSON.parse(
        (await round.connections[till]?.send(shot.request))?.body ?? '{}',
      ) as Partial<IssueAnswer>;
      resent += 1;
      if (again.result === 'already_issued' && again.receipt === receipt) resentSame += 1;
    }
  }
  appendFileSync(setUp.exportFile, lines.map((line) => `${line}\n`).join(''));
  return { resent, resentSame };
}

process.on('message', (command: LoadCommand) => {
  obey(command).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ report: 'failed', message: String(error) } satisfies LoadReport),
  );
});
process.on('disconnect', () => process.exit(0));
