import { once } from 'node:events';
import { connect } from 'node:tls';
import { Controller, Get, Header, Module, type Type } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Problem, problem, systemClock } from '@tax-control/protocol';
import { AdmitStrangers } from '../src/authentication/admit.js';
import { readSettings } from '../src/configuration/read-settings.js';
import { OutcomeUnknown } from '../src/database/transaction.js';
import { createApplication } from '../src/http/create-application.js';
import { Listener } from '../src/http/listener.js';
import { type ListenerAddresses, Listeners } from '../src/http/listeners.js';
import { DirectoryCustody } from '../src/keys/directory-custody.js';
import { KeyRing } from '../src/keys/key-ring.js';
import { TerminalListener } from '../src/keys/terminal-listener.js';
import { PinoLog } from '../src/observability/pino-log.js';
import { call, keepAliveAgent } from './support/client.js';
import { makeTestKeys, type TestKeys } from './support/keys.js';

/** Lets a test hold a request in flight: `arrived` when it is there, answered by `release`. */
const held = { arrived: deferred<true>(), answer: deferred<object>() };

function deferred<Value>(): { readonly promise: Promise<Value>; resolve(value: Value): void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve: (value) => resolve(value) };
}

@Listener('terminals')
@AdmitStrangers()
@Controller()
class FaultyController {
  @Get('bug')
  bug(): never {
    throw new Error('the secret is 1234');
  }

  @Get('outage')
  outage(): never {
    throw Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' });
  }

  @Get('commit')
  commit(): never {
    throw new OutcomeUnknown(new Error('Connection terminated'));
  }

  @Get('nothing-thrown')
  nothing(): Promise<never> {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- what a careless library may do
    return Promise.reject('the secret is 1234');
  }

  @Get('busy')
  busy(): Problem {
    return problem('server_busy', { retryAfterMs: 1_200 });
  }

  @Get('secret')
  secret(): Problem {
    return problem('enrolment_secret_wrong');
  }

  @Get('odd')
  @Header('content-type', 'application/odd+json')
  odd(): object {
    return { code: 'not a problem' };
  }

  @Get('held')
  held(): Promise<object> {
    held.arrived.resolve(true);
    return held.answer.promise;
  }
}

@Module({ controllers: [FaultyController] })
class FaultyModule {}

@Controller()
class HomelessController {
  @Get('homeless')
  read(): object {
    return {};
  }
}

@Module({ controllers: [HomelessController] })
class HomelessModule {}

let keys: TestKeys;
let logLines: string[] = [];
beforeAll(async () => {
  keys = await makeTestKeys();
});
afterAll(() => keys.remove());

interface SmallServer {
  readonly addresses: ListenerAddresses;
  readonly ca: string;
  readonly listeners: Listeners;
  stop(): Promise<void>;
}

/** The HTTP layer with controllers of this file, without database. */
async function start(module: Type): Promise<SmallServer> {
  logLines = [];
  const settings = readSettings({
    DATABASE_URL: 'postgresql://nobody@localhost/none',
    KEYS_DIRECTORY: keys.directory,
    TERMINALS_PORT: '0',
    PUBLIC_PORT: '0',
    OPERATOR_PORT: '0',
  });
  const log = new PinoLog('info', { write: (line) => void logLines.push(line) });
  const listeners = new Listeners(settings.limits, log);
  const application = await createApplication(module, listeners, log, systemClock);
  await application.init();
  await application.getHttpAdapter().getInstance().ready();
  const ring = new KeyRing(new DirectoryCustody(keys.directory), systemClock);
  const addresses = await listeners.open(settings.listeners, {
    terminals: { ...(await TerminalListener.of(ring, systemClock)).material(), ca: keys.ca },
    public: ring.publicListener(),
  });
  const stop = async (): Promise<void> => {
    await listeners.close();
    await application.close();
  };
  return { addresses, ca: keys.ca, listeners, stop };
}

describe('what goes wrong in a controller', () => {
  let server: SmallServer;
  beforeAll(async () => {
    server = await start(FaultyModule);
  });
  afterAll(() => server.stop());
  afterEach(() => {
    logLines = [];
  });

  it.each([
    ['/bug', 500, 'internal_error', {}, undefined],
    ['/nothing-thrown', 500, 'internal_error', {}, undefined],
    ['/outage', 503, 'database_unavailable', { retryAfterMs: 3_000 }, '3'],
    ['/commit', 503, 'outcome_unknown', { retryAfterMs: 1_000 }, '1'],
  ] as const)(
    '(%s) tells the client %d %s and no details, and the log the cause',
    async (path, status, code, facts, retryAfter) => {
      const answer = await call<Problem>(server, path);
      const requestId = String(answer.headers['request-id']);
      expect([answer.status, answer.json()]).toEqual([status, problem(code, { ...facts, requestId })]);
      expect(answer.headers['retry-after']).toBe(retryAfter);
      expect(answer.text).not.toMatch(/1234|10\.0\.0\.1|at /);
      const [line] = logLines.map((text) => JSON.parse(text) as Record<string, unknown>);
      expect(line).toMatchObject({
        level: 'error',
        requestId: answer.headers['request-id'],
        route: path,
        method: 'GET',
        problem: code,
        cause: { message: expect.any(String) as string },
      });
    },
  );

  it('is a value where it was expected, with its status and headers, and no line in the log', async () => {
    const answer = await call(server, '/busy');
    expect([answer.status, answer.headers['retry-after'], answer.headers['cache-control']]).toEqual([
      503,
      '2',
      'no-store',
    ]);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toEqual({
      ...problem('server_busy', { retryAfterMs: 1_200 }),
      requestId: answer.headers['request-id'],
    });
    expect((await call(server, '/secret')).headers['www-authenticate']).toMatch(/^Basic realm=/);
    expect(logLines).toEqual([]);
  });

  it('is not seen in what only looks like a problem', async () => {
    const answer = await call(server, '/odd');
    expect([answer.status, answer.json()]).toEqual([200, { code: 'not a problem' }]);
  });
});

it('a controller that belongs to no listener keeps the application from starting', async () => {
  await expect(start(HomelessModule)).rejects.toThrow('The route GET /homeless belongs to no listener');
});

it('an address that is taken keeps all listeners closed, and the error names it', async () => {
  const server = await start(FaultyModule);
  const { port } = server.addresses.operator;
  const log = new PinoLog('error', { write: (line) => void logLines.push(line) });
  const patience = { requestHeadersTimeoutMs: 1_000, requestTimeoutMs: 1_000, keepAliveTimeoutMs: 1_000 };
  const listeners = new Listeners(patience, log);
  const application = await createApplication(FaultyModule, listeners, log, systemClock);
  const ring = new KeyRing(new DirectoryCustody(keys.directory), systemClock);
  const anywhere = { host: '127.0.0.1', port: 0 };
  await expect(
    listeners.open(
      {
        terminals: { ...anywhere, tlsMinimum: 'TLSv1.3' },
        public: { ...anywhere, certificate: null },
        operator: { host: '127.0.0.1', port },
        proxyProtocolFrom: [],
      },
      {
        terminals: { ...(await TerminalListener.of(ring, systemClock)).material(), ca: keys.ca },
        public: ring.publicListener(),
      },
    ),
  ).rejects.toThrow(String(port));
  await application.close();
  await server.stop();
});

describe('stopping', () => {
  it('finishes what is in flight, closes kept-alive connections, and accepts no more', async () => {
    const server = await start(FaultyModule);
    const agent = keepAliveAgent(server);
    await call(server, '/odd', { tls: { agent } });
    const [idle] = Object.values(agent.freeSockets).flat();
    const idleClosed = once(idle!, 'close');
    const inFlight = call(server, '/held');
    await held.arrived.promise;
    const stopped = server.stop();
    await idleClosed;
    const late = connect({ port: server.addresses.terminals.port, host: '127.0.0.1', ca: keys.ca });
    const [refused] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    expect(refused.code).toBe('ECONNREFUSED');
    held.answer.resolve({ answered: true });
    const answer = await inFlight;
    expect([answer.status, answer.json(), answer.headers['connection']]).toEqual([200, { answered: true }, 'close']);
    await stopped;
    agent.destroy();
  });

  it('does not wait for ever for a connection that says nothing', async () => {
    const server = await start(FaultyModule);
    const silent = connect({ port: server.addresses.terminals.port, host: '127.0.0.1', ca: keys.ca });
    silent.on('error', () => undefined);
    await once(silent, 'secureConnect');
    silent.write('GET /odd HTTP/1.1\r\nhost: l');
    await once(silent, 'session');
    const closed = once(silent, 'close');
    await server.listeners.close(200);
    await closed;
    expect(silent.destroyed).toBe(true);
    await server.stop();
  });
});
