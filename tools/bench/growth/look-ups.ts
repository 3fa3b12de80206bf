import type { Client } from 'pg';
import type { Random } from '../../simulator/random.js';
import { quantile } from '../figures.js';
import { getRequest, HttpConnection } from '../http-connection.js';
import type { Place } from '../place.js';
import { ConsoleClient } from '../statistics/console-client.js';
import { offerConsole } from '../../fleet/offer-console.js';

/** An invoice on file that is looked up. */
export interface Subject {
  readonly code: string;
  readonly terminal_id: string;
  readonly invoice_id: string;
  readonly journal_id: string;
  readonly number: string;
  readonly issued_at: Date;
}

/** An answer is right if it has this text in it. */
interface Expected {
  readonly path: string;
  readonly text: string;
}

/** One way to look an invoice up, and what must be in the answer. */
export type LookUp =
  /** `till`: by the terminal that wrote it; `public`: by anybody */
  | { readonly by: 'till' | 'public'; readonly ask: (subject: Subject) => Expected }
  | { readonly by: 'console'; readonly ask: (subject: Subject) => Expected & { readonly body: object } };

const DAY_MS = 24 * 60 * 60 * 1_000;
const MONTH_DAYS = 30;
const REASON = 'Measuring the look-up of invoices';

function search(sought: (subject: Subject) => object): LookUp {
  return {
    by: 'console',
    ask: (subject) => ({
      path: '/invoices/searches',
      body: { reason: REASON, ...sought(subject) },
      text: subject.terminal_id,
    }),
  };
}

function daysAround(at: Date, days: number): { readonly from: string; readonly to: string } {
  const dayEnd = Math.floor(at.getTime() / DAY_MS) * DAY_MS + DAY_MS;
  return { from: new Date(dayEnd - days * DAY_MS).toISOString(), to: new Date(dayEnd).toISOString() };
}

/** Everything by which the product finds single invoices, by the names that they have in the figures. */
export const LOOK_UPS: Readonly<Record<string, LookUp>> = {
  page: { by: 'public', ask: ({ code }) => ({ path: `/v/${code}`, text: code.slice(0, 5) }) },
  pageOfIdentity: {
    by: 'public',
    ask: ({ terminal_id, invoice_id, code }) => ({ path: `/v/${terminal_id}/${invoice_id}`, text: code.slice(0, 5) }),
  },
  verification: { by: 'public', ask: ({ code }) => ({ path: `/v1/verifications/${code}`, text: '"onFile":true' }) },
  receipt: { by: 'till', ask: ({ invoice_id }) => ({ path: `/v1/invoices/${invoice_id}`, text: '"receipt":' }) },
  original: { by: 'till', ask: ({ code }) => ({ path: `/v1/originals/${code}`, text: '"taxes":' }) },
  originalOfIdentity: {
    by: 'till',
    ask: ({ terminal_id, invoice_id }) => ({ path: `/v1/originals/${terminal_id}/${invoice_id}`, text: '"taxes":' }),
  },
  journal: {
    by: 'till',
    ask: ({ journal_id }) => ({ path: `/v1/journals/${journal_id}/invoices`, text: '"receipt":' }),
  },
  view: {
    by: 'console',
    ask: ({ terminal_id: terminalId, invoice_id: invoiceId, code }) => ({
      path: '/invoices/views',
      body: { reason: REASON, terminalId, invoiceId },
      text: code,
    }),
  },
  searchByCode: search(({ code }) => ({ code })),
  searchByIdentity: search(({ invoice_id: invoiceId }) => ({ invoiceId })),
  searchByNumber: search(({ number, issued_at }) => ({ number, ...daysAround(issued_at, MONTH_DAYS) })),
  searchByTerminalAndDay: search(({ terminal_id: terminalId, issued_at }) => ({
    terminalId,
    ...daysAround(issued_at, 1),
  })),
};

/** Who looks up in one place. */
export interface Asking {
  /** @returns milliseconds; @throws where the answer is not what is expected */
  ask(lookUp: LookUp, subject: Subject): Promise<number>;
  /** An invoice on file, any of all with the same chance; `isOfTills`: of a till of the bench. */
  draw(random: Random, isOfTills: boolean): Promise<Subject>;
  /** Nobody has asked anything yet: look-ups of one address are bounded. */
  forgetLimits(): Promise<void>;
  close(): void;
}

const HOST = 'localhost';

/** @param superuser reads what there is to be looked up */
export async function startAsking({ local, terminals, authorityPem: ca }: Place, superuser: Client): Promise<Asking> {
  const official = await ConsoleClient.open(await offerConsole(local));
  const open = (address: string, credentials: object): Promise<HttpConnection> =>
    HttpConnection.open({
      host: '127.0.0.1',
      servername: HOST,
      port: Number(new URL(address).port),
      ca,
      ...credentials,
    });
  const visitor = await open(local.addresses.public, {});
  const ofTills = new Map<string, HttpConnection>();
  const tillOf = async (terminalId: string): Promise<HttpConnection> => {
    const known = ofTills.get(terminalId);
    if (known !== undefined) return known;
    const terminal = terminals.find((one) => one.terminalId === terminalId);
    if (terminal === undefined) throw new Error(`${terminalId} is no till of the bench`);
    const opened = await open(local.addresses.terminals, { key: terminal.keyPem, cert: terminal.certificatePem });
    ofTills.set(terminalId, opened);
    return opened;
  };
  return {
    ask: async (lookUp, subject) => {
      if (lookUp.by === 'console') {
        const { path, body, text } = lookUp.ask(subject);
        const { status, body: answer, tookMs } = await official.post(path, body);
        expectRight(path, status, JSON.stringify(answer), text);
        return tookMs;
      }
      const { path, text } = lookUp.ask(subject);
      const connection = lookUp.by === 'public' ? visitor : await tillOf(subject.terminal_id);
      const began = performance.now();
      const { status, body } = await connection.send(getRequest(HOST, path));
      const tookMs = performance.now() - began;
      expectRight(path, status, body, text);
      return tookMs;
    },
    draw: async (random, isOfTills) => {
      const { rows } = await superuser.query<Subject>(DRAW, [
        random.next(),
        isOfTills ? terminals.map(({ terminalId }) => terminalId) : null,
      ]);
      const [subject] = rows;
      // Behind the last one there is none.
      return subject ?? (await startOver(superuser));
    },
    forgetLimits: async () => {
      await superuser.query('DELETE FROM rate_limit');
    },
    close: () => {
      official.close();
      visitor.close();
      for (const connection of ofTills.values()) connection.close();
    },
  };
}

const COLUMNS = 'code, terminal_id, invoice_id, journal_id, number, issued_at';

/** The first one from a place on that is drawn among all numbers. */
const DRAW = `
SELECT ${COLUMNS} FROM ledger
WHERE sequence >= (SELECT (min(sequence) + $1::float8 * (max(sequence) - min(sequence)))::bigint FROM ledger)
  AND ($2::text[] IS NULL OR terminal_id = ANY ($2::text[]))
ORDER BY sequence LIMIT 1`;

async function startOver(superuser: Client): Promise<Subject> {
  const { rows } = await superuser.query<Subject>(`SELECT ${COLUMNS} FROM ledger ORDER BY sequence LIMIT 1`);
  const [first] = rows;
  if (first === undefined) throw new Error('nothing was issued that could be looked up');
  return first;
}

function expectRight(path: string, status: number, body: string, text: string): void {
  if (status !== 200 || !body.includes(text)) throw new Error(`${path} was answered ${status}: ${body.slice(0, 500)}`);
}

/** Median milliseconds of one way to look up, in both places in turn. */
export interface LookUpFigures {
  readonly emptyMs: number;
  readonly fullMs: number;
}

/** Not counted: the first ones find cold caches and plans. */
const WARM_UPS = 3;
/** Fewer than the public check allows one address a minute. */
const TIMES_MAX = 50;

export async function measureLookUps(
  places: Readonly<Record<'empty' | 'full', Asking>>,
  { times, random, onDone }: { readonly times: number; readonly random: Random; readonly onDone: () => void },
): Promise<Record<string, LookUpFigures>> {
  const figures: Record<string, LookUpFigures> = {};
  for (const [name, lookUp] of Object.entries(LOOK_UPS)) {
    const took = { empty: [] as number[], full: [] as number[] };
    for (const place of Object.values(places)) await place.forgetLimits();
    for (let time = 0; time < Math.min(times, TIMES_MAX) + WARM_UPS; time += 1) {
      for (const where of ['empty', 'full'] as const) {
        const asking = places[where];
        const ms = await asking.ask(lookUp, await asking.draw(random, lookUp.by === 'till'));
        if (time >= WARM_UPS) took[where].push(ms);
      }
    }
    figures[name] = { emptyMs: medianOf(took.empty), fullMs: medianOf(took.full) };
    onDone();
  }
  return figures;
}

function medianOf(values: readonly number[]): number {
  return quantile(
    values.toSorted((one, other) => one - other),
    0.5,
  );
}
