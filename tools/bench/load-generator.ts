import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { IssueAnswer, Problem } from '@tax-control/protocol';
import { BenchTill, type Shot } from './bench-till.js';
import { type HttpAnswer, HttpConnection } from './http-connection.js';
import type {
  HoldIdle,
  Load,
  LoadCommand,
  LoadReport,
  PrepareRound,
  RoundResult,
  SetUp,
  Target,
} from './load-messages.js';

/* The load generator: a process of its own, started by place.ts, so that it takes no time of the servers' event loops. */

const HOST = 'localhost';
/** Every so many invoices of a round is sent again afterwards: the same receipt must come back (I2). */
const RESEND_EVERY = 100;
/** A server that turns away a request more often than that does not mean to take it. */
const ATTEMPTS_MAX = 10;
const MICROSECONDS_PER_SECOND = 1_000_000;
const MS_PER_SECOND = 1_000;
/** Handshakes at a time while connections are opened that are not measured. */
const OPENING = 32;

/** One till of a round, and what it will send. */
interface Lane {
  readonly till: BenchTill;
  readonly target: Target;
  /** Null where each request has a connection of its own. */
  readonly connection: HttpConnection | null;
  readonly shots: Shot[];
}

let setUp: SetUp;
let tills: BenchTill[] = [];
let round: { readonly load: Load; readonly lanes: readonly Lane[]; readonly seen: Seen };
let idle: HttpConnection[] = [];

async function obey(command: LoadCommand): Promise<LoadReport> {
  switch (command.command) {
    case 'run':
      return { report: 'round', ...(await run()) };
    case 'prepare':
      round = await prepare(command);
      break;
    case 'hold-idle':
      await holdIdle(command);
      break;
    case 'set-up':
      setUp = command;
      tills = command.terminals.map((terminal) => new BenchTill(terminal));
      break;
  }
  return { report: 'ready' };
}

async function prepare({ targets, load }: PrepareRound): Promise<typeof round> {
  const used = tills.slice(0, load.connections);
  if (used.length < load.connections)
    throw new Error(`there are ${used.length} tills for ${load.connections} connections`);
  const connections =
    load.shape === 'each' ? [] : await openAll(used.map((till, index) => [till, targetOf(targets, index)]));
  const lanes = used.map((till, index): Lane => ({
    till,
    target: targetOf(targets, index),
    connection: connections[index] ?? null,
    shots: [],
  }));
  const invoices = load.shape === 'open' ? load.rate * load.seconds : load.invoices;
  const listInvoices = load.shape === 'lists' ? load.listInvoices : 1;
  for (let index = 0; index < invoices / listInvoices; index += 1) {
    const lane = lanes[index % lanes.length];
    if (lane === undefined) continue;
    const { till, target } = lane;
    if (target === 'baseline') lane.shots.push(till.bare());
    else lane.shots.push(load.shape === 'lists' ? till.list(listInvoices) : till.sale());
  }
  const seen: Seen = { latencies: [], answered: [], resumed: 0 };
  if (load.shape === 'each' && load.isResumed) for (const lane of lanes) await meet(lane, seen);
  // What was sent before the round is in no figure of it.
  seen.latencies.length = 0;
  return { load, lanes, seen };
}

function targetOf(targets: readonly Target[], index: number): Target {
  const target = targets[index % targets.length];
  if (target === undefined) throw new Error('a round has no target');
  return target;
}

async function openAll(wanted: readonly (readonly [till: BenchTill, target: Target])[]): Promise<HttpConnection[]> {
  const opened: HttpConnection[] = [];
  for (let index = 0; index < wanted.length; index += OPENING)
    opened.push(
      ...(await Promise.all(wanted.slice(index, index + OPENING).map(([till, target]) => open(till, target)))),
    );
  return opened;
}

/** @param isKept the till keeps the session, and resumes the one that it kept before */
function open(till: BenchTill, target: Target, isKept = false): Promise<HttpConnection> {
  const { authorityPem: ca, ports } = setUp;
  const { keyPem: key, certificatePem: cert } = till.terminal;
  const session = isKept ? till.sessions.get(target) : undefined;
  return HttpConnection.open(
    {
      host: '127.0.0.1',
      servername: HOST,
      port: ports[target],
      ca,
      key,
      cert,
      ...(session !== undefined && { session }),
    },
    isKept ? (given) => till.sessions.set(target, given) : undefined,
  );
}

/** A first connection, whose session the next one resumes; a ticket comes with the first answer at the latest. */
async function meet(lane: Lane, seen: Seen): Promise<void> {
  const shot = lane.shots.shift();
  const connection = await open(lane.till, lane.target, true);
  if (shot !== undefined) await exchange(lane, connection, shot, 0, seen);
  connection.close();
}

async function holdIdle({ target, connections }: HoldIdle): Promise<void> {
  for (const connection of idle.splice(0)) connection.close();
  const wanted = Array.from({ length: connections }, (_, index) => {
    const till = tills[index % tills.length];
    if (till === undefined) throw new Error('there are no tills');
    return [till, target] as const;
  });
  idle = await openAll(wanted);
}

interface Answered {
  readonly lane: Lane;
  readonly shot: Shot;
  readonly receipts: readonly string[];
}

/** What a round has seen so far. */
interface Seen {
  readonly latencies: number[];
  readonly answered: Answered[];
  resumed: number;
}

async function run(): Promise<RoundResult> {
  const { load, lanes, seen } = round;
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  if (load.shape === 'open') await arrive(lanes, load.rate, seen);
  else await Promise.all(lanes.map((lane) => sendAll(lane, load, seen)));
  const seconds = (performance.now() - start) / MS_PER_SECOND;
  const { user, system } = process.cpuUsage(cpu);
  const checked = await keepAndResend(seen.answered);
  for (const { connection } of lanes) connection?.close();
  const { latencies, resumed } = seen;
  latencies.sort((one, other) => one - other);
  return {
    invoices: lanes.reduce((sum, { shots }) => sum + shots.reduce((count, shot) => count + shot.invoices.length, 0), 0),
    seconds,
    generatorSeconds: (user + system) / MICROSECONDS_PER_SECOND,
    latencies,
    resumed,
    ...checked,
  };
}

/** One after the other, as fast as they are answered. */
async function sendAll(lane: Lane, load: Load, seen: Seen): Promise<void> {
  for (const shot of lane.shots) {
    const sent = performance.now();
    const connection = lane.connection ?? (await open(lane.till, lane.target, load.shape === 'each' && load.isResumed));
    await exchange(lane, connection, shot, sent, seen);
    if (lane.connection !== null) continue;
    if (connection.isResumed) seen.resumed += 1;
    connection.close();
  }
}

/** Each at its time; one whose till is still busy waits for it, and the wait counts. */
async function arrive(lanes: readonly Lane[], rate: number, seen: Seen): Promise<void> {
  const start = performance.now();
  const busy = lanes.map(() => Promise.resolve());
  const shots = lanes.reduce((sum, lane) => sum + lane.shots.length, 0);
  for (let index = 0; index < shots; index += 1) {
    const due = start + (index * MS_PER_SECOND) / rate;
    const early = due - performance.now();
    if (early > 0) await wait(early);
    const place = index % lanes.length;
    const lane = lanes[place];
    const shot = lane?.shots[Math.floor(index / lanes.length)];
    const connection = lane?.connection ?? null;
    if (lane === undefined || shot === undefined || connection === null) throw new Error('an arrival has no till');
    busy[place] = (busy[place] ?? Promise.resolve()).then(() => exchange(lane, connection, shot, due, seen));
  }
  await Promise.all(busy);
}

async function exchange(lane: Lane, connection: HttpConnection, shot: Shot, since: number, seen: Seen): Promise<void> {
  const request = lane.till.ready(shot);
  // One till's lists may be more than the server takes of one terminal in a second. A till waits then, and the wait counts.
  const { status, body } =
    shot.invoices.length > 1 ? await sendUntilTaken(connection, request) : await connection.send(request);
  seen.latencies.push(performance.now() - since);
  if (status !== 200) throw new Error(`${lane.target} answered ${status}: ${body}`);
  if (lane.target === 'baseline') return;
  const receipts = receiptsIn(body);
  const newest = receipts.at(-1);
  if (newest !== undefined) lane.till.keep(newest);
  seen.answered.push({ lane, shot, receipts });
}

/** Writes down what a till would have on disk, and asks for some receipts again. */
async function keepAndResend(answered: readonly Answered[]): Promise<{ resent: number; resentSame: number }> {
  const lines: string[] = [];
  let [resent, resentSame] = [0, 0];
  for (const { lane, shot, receipts } of answered) {
    for (const [index, invoice] of shot.invoices.entries()) {
      const receipt = receipts[index];
      if (receipt === undefined) throw new Error(`an invoice that was sent once was not issued`);
      lines.push(JSON.stringify({ kind: 'invoice', state: 'issued', invoice, receipt, cause: null }));
    }
    if (lines.length % RESEND_EVERY >= shot.invoices.length) continue;
    const connection = lane.connection ?? (await open(lane.till, lane.target));
    const { body } = await sendUntilTaken(connection, shot.request);
    const again = receiptsIn(body, 'already_issued');
    if (lane.connection === null) connection.close();
    resent += receipts.length;
    resentSame += receipts.filter((receipt, index) => again[index] === receipt).length;
  }
  appendFileSync(setUp.exportFile, lines.map((line) => `${line}\n`).join(''));
  return { resent, resentSame };
}

/** Sends a request, and comes again when the server says so. */
async function sendUntilTaken(connection: HttpConnection, request: Buffer): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await connection.send(request);
    if (answer.status !== 503 || attempt === ATTEMPTS_MAX) return answer;
    const { retryAfterMs } = JSON.parse(answer.body) as Partial<Problem>;
    if (retryAfterMs === undefined) return answer;
    await wait(retryAfterMs);
  }
}

/** Receipts of an answer of either door, those of this result alone. */
function receiptsIn(body: string, wanted: IssueAnswer['result'] = 'issued'): string[] {
  const answer = JSON.parse(body) as IssueAnswer & { readonly results?: readonly IssueAnswer[] };
  return (answer.results ?? [answer]).flatMap(({ result, receipt }) => (result === wanted ? [receipt] : []));
}

process.on('message', (command: LoadCommand) => {
  obey(command).then(
    (report) => process.send?.(report),
    (error: unknown) => process.send?.({ report: 'failed', message: String(error) } satisfies LoadReport),
  );
});
process.on('disconnect', () => process.exit(0));
