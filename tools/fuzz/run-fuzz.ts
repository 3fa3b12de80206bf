import { readFileSync } from 'node:fs';
import type { BenchTerminal } from '../bench/terminals.js';
import { Random } from '../simulator/random.js';
import { FuzzConnection } from './connection.js';
import { mutate } from './mutate.js';
import type { PlainRequest, Target } from './request.js';
import { agentRequest, claimsAnother, GoodRequests } from './requests.js';

const SERVER_ERRORS = 500;
/** Of an answer, for whoever looks into it. */
const TEXT_KEPT = 600;
const FAULTS_KEPT = 20;
/** Share of requests that go to the agent. */
const AGENT_SHARE = 0.2;
/** How often memory is read in a run. */
const SAMPLES = 10;
/** The sample at half time, from which on it may not grow: by then everything was loaded, and every cache is full. */
const WARM = SAMPLES / 2 - 1;
/** Memory that may be taken at the end beyond that, in bytes: what a heap grows by between two collections. */
export const GROWTH_BYTES_MAX = 100_000_000;

/** Where a target is, and as whom it is asked. */
export interface FuzzPlace {
  readonly host: string;
  readonly ports: Readonly<Record<Target, number>>;
  readonly authorityPem: string;
  /** A till for each lane. */
  readonly terminals: readonly BenchTerminal[];
  readonly agent: { readonly terminalId: string; readonly authorization: string };
  /** Processes whose memory is watched, by name. */
  readonly processes: Readonly<Record<string, number>>;
}

export interface FuzzFault {
  /** The request comes out again with the same seed and number. */
  readonly lane: number;
  readonly number: number;
  readonly request: string;
  readonly mutations: readonly string[];
  readonly answer: string;
}

export interface FuzzResult {
  readonly seed: string;
  readonly requests: number;
  /** How many answers had each status; `closed`: the connection ended; `silent`: nothing came in time. */
  readonly answers: Readonly<Record<string, number>>;
  readonly faults: readonly FuzzFault[];
  /** Resident bytes of each process, at each tenth of the run; empty where the machine does not tell. */
  readonly memory: Readonly<Record<string, readonly number[]>>;
}

/** Sends so many mutated requests, each lane one after the other, and tells what came of them. Same seed, same requests. */
export async function runFuzz(
  place: FuzzPlace,
  seed: string,
  requests: number,
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<FuzzResult> {
  const answers: Record<string, number> = {};
  const faults: FuzzFault[] = [];
  const memory: Record<string, number[]> = {};
  const sample = (): void => {
    for (const [name, bytes] of Object.entries(residentOf(place.processes))) (memory[name] ??= []).push(bytes);
  };
  let done = 0;
  const lane = async (terminal: BenchTerminal, index: number): Promise<void> => {
    const good = new GoodRequests(terminal);
    const connections = connectionsOf(place, terminal);
    for (let number = index; number < requests; number += place.terminals.length) {
      signal.throwIfAborted();
      const random = new Random(seed).fork(number);
      const request = random.chance(AGENT_SHARE)
        ? agentRequest(random, place.agent.terminalId, place.agent.authorization)
        : good.next(random);
      const { bytes, mutations } = mutate(request, random, hostOf(place, request));
      const { status, isSilent, text } = await connections[request.target].send(bytes);
      const answer = status === null ? (isSilent ? 'silent' : 'closed') : String(status);
      answers[answer] = (answers[answer] ?? 0) + 1;
      if (status === 200) good.learn(request, text);
      const isFault = status !== null && status >= SERVER_ERRORS && !isAnsweredClaim(bytes, text, good.newestCode);
      if (isFault && faults.length < FAULTS_KEPT)
        faults.push({
          lane: index,
          number,
          request: `${request.target} ${bytes.toString('latin1').slice(0, TEXT_KEPT)}`,
          mutations,
          answer: text.slice(0, TEXT_KEPT),
        });
      done += 1;
      if (done % Math.ceil(requests / SAMPLES) === 0 || done === requests) sample();
      onProgress(done);
    }
    for (const connection of Object.values(connections)) connection.close();
  };
  await Promise.all(place.terminals.map(lane));
  return { seed, requests, answers, faults, memory };
}

/** What must not be: sentences; none: all is well. */
export function faultsOf({ faults, memory }: FuzzResult): string[] {
  const errors = faults.map(
    ({ number, request, answer }) =>
      `Request ${number} was answered with ${answer.slice('HTTP/1.1 '.length, 'HTTP/1.1 500'.length)}: ${request.split('\r')[0]}`,
  );
  const grown = Object.entries(memory).flatMap(([name, samples]) => {
    const [warm, end] = [samples[WARM], samples.at(-1)];
    return warm === undefined || end === undefined || end - warm <= GROWTH_BYTES_MAX
      ? []
      : [`The memory of the ${name} grew from ${warm} to ${end} bytes in the second half.`];
  });
  return [...errors, ...grown];
}

/** Whether a till claimed a code that it was not given, and was answered so. */
export function isAnsweredClaim(request: Buffer, answer: string, given: string | null): boolean {
  return answer.includes('"code":"server_behind"') && claimsAnother(request.toString('latin1'), given);
}

function connectionsOf(
  { host, ports, authorityPem: ca }: FuzzPlace,
  terminal: BenchTerminal,
): Record<Target, FuzzConnection> {
  const { keyPem: key, certificatePem: cert } = terminal;
  const to = (port: number, tls: ConstructorParameters<typeof FuzzConnection>[0]['tls']) =>
    new FuzzConnection({ host, port, tls });
  return {
    terminals: to(ports.terminals, { ca, key, cert }),
    public: to(ports.public, { rejectUnauthorized: false }),
    operator: to(ports.operator, null),
    agent: to(ports.agent, null),
  };
}

function hostOf({ ports }: FuzzPlace, { target }: PlainRequest): string {
  return target === 'agent' ? `127.0.0.1:${ports.agent}` : `localhost:${ports[target]}`;
}

/** Resident bytes of processes as Linux tells them; none elsewhere. */
function residentOf(processes: Readonly<Record<string, number>>): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, pid] of Object.entries(processes)) {
    try {
      const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      if (kib !== undefined) found[name] = Number(kib) * 1_024;
    } catch {
      // Not Linux.
    }
  }
  return found;
}
