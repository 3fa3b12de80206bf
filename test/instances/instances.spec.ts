import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { BillingInterface, SaleResult } from '@tax-control/billing-interface';
import { draft } from '@tax-control/billing-interface/testing';
import { checkDigits, type EchoAnswer, type IssueAnswer, parseCompactJws } from '@tax-control/protocol';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LOOK_UPS } from '../../src/public-check/limits.js';
import { accountSubject } from '../../src/officials/sign-in-delay.js';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { Till } from '../issuance/office.js';
import { call, keepAliveAgent } from '../support/client.js';
import { addOfficial, tireOut, trySignIn } from '../support/officials.js';
import { eventsOf } from '../support/server-process.js';
import { makeTerminal } from '../support/terminals.js';
import { type Pair, startPair } from './pair.js';

/** Well made, and on nobody's receipt. */
const CODE = `900000999999123456${checkDigits('900000999999123456')}`;
const INDEXES = [0, 1] as const;
const TILLS = 3;
/** Between two customers: the servers that start anew need the processors too. */
const CUSTOMER_PAUSE_MS = 5;
/** Sales of all tills before a server is stopped and after it is back. */
const SALES = 30;
/** Asked often: what is waited for lasts no longer than a statement. */
const PATIENCE = { interval: 10 };

let pair: Pair;
beforeAll(async () => {
  // A spec holds the ledger; no sale gives up for that.
  pair = await startPair({ ISSUANCE_ANSWER_TIMEOUT_MS: '60000' });
});
afterAll(() => pair.close());

describe('two instances on one database', () => {
  beforeEach(() => pair.ground.superuser.query('DELETE FROM sign_in_delay'));

  it('both learn of a suspension on connections that stay open', async () => {
    const till = await makeTerminal(pair.ground);
    const agents = pair.servers.map((server) => keepAliveAgent(server, till));
    const standings = (): Promise<string[]> =>
      Promise.all(
        INDEXES.map(async (index) => {
          const body = { nonce: randomUUID() };
          const answer = await call<EchoAnswer>(pair.servers[index], '/v1/echo', {
            body,
            tls: { agent: agents[index]! },
          });
          return (JSON.parse(String(parseCompactJws(answer.json().echo)?.payload)) as { standing: string }).standing;
        }),
      );
    for (const status of ['active', 'suspended', 'active']) {
      await pair.ground.superuser.query('UPDATE terminal SET status = $2 WHERE terminal_id = $1', [
        till.terminalId,
        status,
      ]);
      const expected = status === 'suspended' ? 'terminal_suspended' : status;
      await expect.poll(standings, { interval: 50 }).toEqual([expected, expected]);
    }
    for (const agent of agents) agent.destroy();
  });

  it('share what an address may ask', async () => {
    const ask = async (index: number): Promise<number> => {
      const answer = await call(pair.servers[index % 2 === 0 ? 0 : 1], `/v1/verifications/${CODE}`, {
        listener: 'public',
      });
      return answer.status;
    };
    const statuses: number[] = [];
    for (let look = 0; look < LOOK_UPS.tries; look += 1) statuses.push(await ask(look));
    expect(statuses).not.toContain(429);
    expect([await ask(0), await ask(1)]).toEqual([429, 429]);
  });

  it('share who is locked out', async () => {
    const official = await addOfficial(pair.ground.superuser);
    await tireOut(pair.ground.superuser, accountSubject(official.name));
    expect((await trySignIn(pair.servers[0], { ...official, password: 'another-password' })).status).toBe(401);
    expect((await trySignIn(pair.servers[1], official)).json()).toMatchObject({ code: 'sign_in_delayed' });
  });
});

describe('a rolling restart', () => {
  it('costs no sale: none is refused, none is lost, none waits for its code', async () => {
    const { superuser } = pair.ground;
    const before = await countOfLedger();
    const tills = await Promise.all(
      Array.from({ length: TILLS }, (_, index) => pair.openTill(`till-${index}`, index % 2 === 0 ? 0 : 1)),
    );
    const quiet = await pair.openTill('quiet', 0);
    const results: SaleResult[] = [await quiet.issue('quiet-1', draft('quiet-1'))];
    const end = new AbortController();
    const sell = async (till: BillingInterface, name: number): Promise<void> => {
      for (let number = 1; !end.signal.aborted; number += 1) {
        const saleId = `${name}-${number}`;
        results.push(await till.issue(saleId, draft(saleId)));
        await pause(CUSTOMER_PAUSE_MS);
      }
    };
    const moreSales = async (): Promise<void> => {
      const enough = results.length + SALES;
      await expect.poll(() => results.length, PATIENCE).toBeGreaterThan(enough);
    };
    const selling = Promise.all(tills.map(sell));
    for (const index of INDEXES) {
      await moreSales();
      // It ends itself with another status where it does not stop in time (end-on-signals.ts).
      expect(await pair.servers[index].end('SIGTERM')).toBe(0);
      expect(eventsOf(pair.servers[index])).toEqual(['listening', 'stopping', 'stopped']);
      // Its connection was closed while nobody bought anything.
      results.push(await quiet.issue(`quiet-without-${index}`, draft(`quiet-without-${index}`)));
      await moreSales();
      await pair.restart(index);
    }
    await moreSales();
    end.abort();
    await selling;
    expect(results.filter(({ result }) => result !== 'issued')).toEqual([]);
    expect((await countOfLedger()) - before).toBe(results.length);
    const log = [...tills, quiet].flatMap((till) => till.log(10_000)).filter(({ door }) => door === 'issue');
    expect(log).toHaveLength(results.length);
    expect(log.filter(({ cause }) => cause !== null)).toEqual([]);

    async function countOfLedger(): Promise<number> {
      const { rows } = await superuser.query<{ count: number }>('SELECT count(*)::integer AS count FROM ledger');
      return rows[0]?.count ?? 0;
    }
  });
});

describe('an instance that stops', () => {
  it('says so, answers what is in flight, and takes nothing new', async () => {
    const { superuser, database } = pair.ground;
    const server = pair.servers[0];
    const till = new Till(await makeTerminal(pair.ground), new TerminalDirectory(superuser));
    const ledger = new Client({ connectionString: database.superuserUrl });
    await ledger.connect();
    await ledger.query('BEGIN');
    await ledger.query('LOCK TABLE ledger IN SHARE MODE');
    const body = { invoice: till.sign().jws };
    const inFlight = call<IssueAnswer>(server, '/v1/invoices', { terminal: till.terminal, body });
    const waiting = async (): Promise<number | null> =>
      (await superuser.query(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'ledger'::regclass`)).rowCount;
    await expect.poll(waiting, PATIENCE).toBe(1);
    const ready = () => call<{ checks: { fault: string | null }[] }>(server, '/health/ready', { listener: 'operator' });
    const agent = keepAliveAgent(server, till.terminal);
    expect((await call(server, '/v1/parameters', { tls: { agent } })).headers.connection).not.toBe('close');
    const ended = server.end('SIGTERM');
    const refused = () =>
      call(server, '/v1/parameters', { terminal: till.terminal }).then(
        ({ status }) => String(status),
        (error: NodeJS.ErrnoException) => error.code,
      );
    await expect.poll(refused, { interval: 10 }).toBe('ECONNREFUSED');
    const answer = await ready();
    expect([answer.status, answer.json().checks[0]?.fault]).toEqual([503, 'The server is stopping.']);
    await ledger.query('ROLLBACK');
    await ledger.end();
    const issued = await inFlight;
    expect([issued.status, issued.json().result, issued.headers.connection]).toEqual([200, 'issued', 'close']);
    expect(await ended).toBe(0);
    agent.destroy();
  });
});
