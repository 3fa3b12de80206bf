import { once, setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { HttpConnection, postRequest } from '../../bench/http-connection.js';
import type { BenchTerminal } from '../../bench/terminals.js';
import { type Attack, type AttackContext, USUAL_BOUNDS } from '../attack.js';
import { signedInvoices } from './invoices.js';

const TILLS = 300;
const WAITING = 60;
/** What a till sends at once, as the parameters allow it. */
const LIST_INVOICES = 20;
const LINES = 21;
const OPEN_DEADLINE_MS = 10_000;
/** A till that is turned away waits as long as it is told, and half as long again at most. */
const JITTER = 0.5;
/** Tills of a shop stand behind one address. Linux alone has all of 127.0.0.0/8; elsewhere all come from one. */
const TILLS_OF_SHOP = 6;
const HAS_ADDRESSES = process.platform === 'linux';
const MS_PER_SECOND = 1_000;
/** Within it a till has the code of its own first sale. */
const SALE_DEADLINE_MS = 1_500;
/** Of the returning tills' first sales, 0 to 1. */
const FIRST_WITHOUT_CODE_MAX = 0.01;

interface Backlog {
  readonly terminal: BenchTerminal;
  readonly sale: Buffer;
  readonly lists: readonly Buffer[];
}

/** A region's line is back: each till sells, and brings what waited. */
export const storm: Attack = {
  name: 'storm',
  description: `${TILLS} tills come back at once, each with a sale and ${WAITING} invoices that waited`,
  terminals: TILLS,
  isOfHonestTills: true,
  bounds: USUAL_BOUNDS,
  prepare(context) {
    const backlogs = context.terminals.map(backlogOf);
    return Promise.resolve(async (signal: AbortSignal) => {
      setMaxListeners(0, signal);
      const inTime = await Promise.all(
        backlogs.map((backlog, index) => comeBack(context, backlog, addressOf(index), signal)),
      );
      const without = inTime.filter((hasCode) => !hasCode).length;
      if (without > TILLS * FIRST_WITHOUT_CODE_MAX)
        throw new Error(`${without} of ${TILLS} returning tills had no code in time for their first sale`);
    });
  },
};

function backlogOf(terminal: BenchTerminal): Backlog {
  const [sale = '', ...waiting] = signedInvoices(terminal, WAITING + 1, LINES);
  const lists = Array.from({ length: WAITING / LIST_INVOICES }, (_, index) =>
    waiting.slice(index * LIST_INVOICES, (index + 1) * LIST_INVOICES),
  );
  return {
    terminal,
    sale: postRequest('localhost', '/v1/invoices', JSON.stringify({ invoice: sale })),
    lists: lists.map((invoices) => postRequest('localhost', '/v1/reissues', JSON.stringify({ invoices }))),
  };
}

function addressOf(till: number): string | undefined {
  return HAS_ADDRESSES ? `127.0.1.${1 + Math.floor(till / TILLS_OF_SHOP)}` : undefined;
}

/** @returns whether its first sale had its code in time */
async function comeBack(
  context: AttackContext,
  backlog: Backlog,
  localAddress: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const beganMs = performance.now();
  const connection = await open(context, backlog.terminal, localAddress);
  if (connection === null) return false;
  const end = (): void => connection.close();
  signal.addEventListener('abort', end);
  try {
    // A connection that is closed here leaves its exchange without an end.
    const over = once(signal, 'abort').then(() => null);
    const answer = await Promise.race([connection.send(backlog.sale), over]);
    const hasCode = answer?.status === 200 && performance.now() - beganMs < SALE_DEADLINE_MS;
    void bringLists(connection, backlog.lists, signal)
      .catch(() => undefined)
      .finally(end);
    return hasCode;
  } catch {
    return false;
  }
}

async function open(
  { host, ports, authorityPem: ca }: AttackContext,
  till: BenchTerminal,
  localAddress: string | undefined,
) {
  const { keyPem: key, certificatePem: cert } = till;
  const over = new AbortController();
  const port = ports.terminals;
  const opening = HttpConnection.open({ host, port, localAddress, servername: 'localhost', ca, key, cert });
  const late = delay(OPEN_DEADLINE_MS, null, { signal: over.signal }).catch(() => null);
  const connection = await Promise.race([opening.catch(() => null), late]);
  over.abort();
  return connection;
}

async function bringLists(connection: HttpConnection, lists: readonly Buffer[], signal: AbortSignal): Promise<void> {
  for (const list of lists) {
    while (!signal.aborted) {
      const { status, body } = await connection.send(list);
      if (status === 200) break;
      const { retryAfterMs = MS_PER_SECOND } = JSON.parse(body) as { retryAfterMs?: number };
      await delay(retryAfterMs * (1 + JITTER * Math.random()), undefined, { signal });
    }
  }
}
