import { appendFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { type KnownParameters, LightTill } from '@tax-control/billing-interface/testing';
import { BenchTill } from '../bench-till.js';
import type { Return, SaleSample, TillsCommand, TillsReport } from './messages.js';

/* A process of tills, started by the bench `storm`: one for those that sell, another for those that come back. */

/** Between two looks at how much still waits, in milliseconds: far below the seconds that it takes. */
const LOOK_MS = 20;
const MS_PER_SECOND = 1_000;
const NINE_TENTHS = 0.9;

interface StormTill {
  readonly signing: BenchTill;
  readonly sending: LightTill;
}

let tills: StormTill[] = [];
let samples: SaleSample[] = [];
let isSelling = false;
let working: Promise<void>[] = [];

async function obey(command: TillsCommand): Promise<TillsReport> {
  switch (command.command) {
    case 'set-up':
      await setUp(command);
      break;
    case 'store':
      for (const till of tills.slice(command.from, command.from + command.tills)) store(till, command.invoices);
      break;
    case 'start-selling':
      isSelling = true;
      working = tills.map((till, index) => sell(till, command.intervalMs, (index * command.intervalMs) / tills.length));
      break;
    case 'take-samples':
      return { report: 'samples', samples: samples.splice(0) };
    case 'stop-selling':
      isSelling = false;
      await Promise.all(working);
      return { report: 'samples', samples: samples.splice(0) };
    case 'come-back':
      return { report: 'returned', ...(await comeBack(command.limitMs)) };
    case 'finish':
      return { report: 'finished', waiting: await finish(command.exportFile) };
  }
  return { report: 'done' };
}

async function setUp({
  terminals,
  authorityPem,
  address,
}: Extract<TillsCommand, { command: 'set-up' }>): Promise<void> {
  let known: KnownParameters | null = null;
  for (const terminal of terminals) {
    const { keyPem, certificatePem } = terminal;
    const make = (parameters: KnownParameters | null): LightTill =>
      new LightTill({ keyPem, certificatePem, authorityPem, address, parameters, onError: fail });
    if (known === null) {
      const first = make(null);
      known = await first.learn();
      await first.close();
    }
    tills.push({ signing: new BenchTill(terminal), sending: make(known) });
  }
}

function store({ signing, sending }: StormTill, invoices: number): void {
  for (const jws of signing.list(invoices).invoices) sending.storeOffline(jws);
}

/** Lets one till sell at its times. */
async function sell(till: StormTill, intervalMs: number, offsetMs: number): Promise<void> {
  const began = performance.now();
  const selling: Promise<void>[] = [];
  for (let due = began + offsetMs; ; due += intervalMs) {
    const early = due - performance.now();
    if (early > 0) await wait(early);
    if (!isSelling) break;
    selling.push(sellOne(till, due).then((sample) => void samples.push(sample)));
  }
  await Promise.all(selling);
}

/** @param due when the customer came, by `performance.now()` */
async function sellOne({ signing, sending }: StormTill, due: number): Promise<SaleSample> {
  const [jws = ''] = signing.sale().invoices;
  const { cause } = await sending.sell(jws);
  return { tookMs: performance.now() - due, cause };
}

async function comeBack(limitMs: number): Promise<Return> {
  const invoices = waitingOfAll();
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / MS_PER_SECOND;
  const sales = Promise.all(
    tills.map((till) => {
      till.sending.open();
      return sellOne(till, began);
    }),
  );
  let secondsOfNineTenths: number | null = null;
  for (let left = invoices; left > 0; left = waitingOfAll()) {
    if (left <= invoices * (1 - NINE_TENTHS)) secondsOfNineTenths ??= seconds();
    if (seconds() * MS_PER_SECOND > limitMs) throw new Error(`after ${limitMs} ms ${left} of ${invoices} still wait`);
    await wait(LOOK_MS);
  }
  const all = seconds();
  return {
    invoices,
    seconds: all,
    secondsOfNineTenths: secondsOfNineTenths ?? all,
    sales: await sales,
    failures: failuresOfAll(),
  };
}

function failuresOfAll(): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { sending } of tills) for (const [kind, count] of sending.failures) sums[kind] = (sums[kind] ?? 0) + count;
  return sums;
}

function waitingOfAll(): number {
  return tills.reduce((sum, { sending }) => sum + sending.waiting, 0);
}

async function finish(exportFile: string): Promise<number> {
  await Promise.all(tills.map(({ sending }) => sending.drain()));
  const waiting = waitingOfAll();
  for (const { sending } of tills) {
    appendFileSync(exportFile, [...sending.exported()].map((line) => `${line}\n`).join(''));
    await sending.close();
  }
  tills = [];
  return waiting;
}

let failure: unknown = null;
/** A bug beside a command is told with the answer to it, or to the next one. */
function fail(error: unknown): void {
  failure ??= error;
}

async function answer(command: TillsCommand): Promise<TillsReport> {
  try {
    const report = await obey(command);
    if (failure !== null) throw failure;
    return report;
  } catch (error) {
    return { report: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (command: TillsCommand) => void answer(command).then((report) => process.send?.(report)));
process.on('disconnect', () => process.exit(0));
