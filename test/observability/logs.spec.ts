import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateThumbprint, encodeInvitation } from '@tax-control/protocol';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createInvitation } from '../support/invitations.js';
import { type AgentProcess, startAgentProcess, taxTerminal } from '../agent/till-process.js';
import { publishParameters } from '../issuance/office.js';
import { call } from '../support/client.js';
import { addOfficial, signIn, trySignIn } from '../support/officials.js';
import { makeGround, type TestGround } from '../support/server.js';
import { type ServerProcess, startServerProcess } from '../support/server-process.js';
import { makeTerminal } from '../support/terminals.js';

/** Every text that may be in no log, by what it is. */
const marks = new Map<string, string>();
function mark(what: string, text = `mark-${randomBytes(9).toString('hex')}`): string {
  marks.set(what, text);
  return text;
}

interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly requestId?: string | null;
  readonly route?: string | null;
}

let ground: TestGround;
let server: ServerProcess;
let agent: AgentProcess;
let directory: string;

beforeAll(async () => {
  ground = await makeGround();
  // What is said only where somebody looks for a fault is searched too.
  server = await startServerProcess(ground, { LOG_LEVEL: 'debug' });
  const addresses = [`https://127.0.0.1:${server.addresses.terminals.port}`];
  // The till's patience is not what is tried here: a busy machine must not make a sale an offline one.
  await publishParameters(ground, { addresses, deadlineMs: 20_000 });
  const { terminalId } = await makeTerminal(server);
  const { secret } = await createInvitation(server.superuser, terminalId, 1);
  mark('secret of the invitation', secret);
  const caDigest = certificateThumbprint(new X509Certificate(ground.ca));
  directory = await mkdtemp(join(tmpdir(), 'logged-till-'));
  const invitation = encodeInvitation({ addresses, caDigest, terminalId, secret });
  mark('invitation', invitation);
  const enrolled = await taxTerminal(['enrol', '--directory', directory], invitation);
  if (enrolled.status !== 0) throw new Error(`the till was not enrolled: ${enrolled.err}`);
  agent = await startAgentProcess(directory);
  mark('token of the agent', (await readFile(agent.tokenFile, 'utf8')).trim());
  mark('password of the database', new URL(ground.database.serverUrl).password);
});

afterAll(async () => {
  await agent.end();
  await server.end('SIGTERM');
  await ground.clear();
  await rm(directory, { recursive: true, force: true });
});

const draft = (overrides: object = {}) => ({
  kind: 'sale',
  number: mark('number of the invoice'),
  cashier: mark('cashier'),
  buyer: { name: mark('buyer'), taxId: mark('tax id of the buyer'), address: mark('address of the buyer') },
  currency: 'GBP',
  priceBasis: 'gross',
  lines: [{ type: 'goods', description: mark('goods'), quantity: '1', unitPrice: '654321', taxCategory: 'standard' }],
  payments: [{ method: 'cash', amount: 654_321 }],
  ...overrides,
});

async function sell(body: object): Promise<Record<string, unknown>> {
  const answer = await agent.post(`/v1/terminals/${agent.terminals[0]?.terminalId ?? ''}/sales/${randomUUID()}`, body);
  return (await answer.json()) as Record<string, unknown>;
}

const lines = (): LogLine[] => server.logLines.map((line) => JSON.parse(line) as LogLine);

describe('the logs of a day on which much goes wrong', () => {
  it('begin with a good sale', async () => {
    const sale = await sell(draft());
    expect(sale).toMatchObject({ result: 'issued' });
    mark('code', String(sale['code']));
  });

  it('name the attempt of a sale that the database does not take as the till’s own log does', async () => {
    await server.superuser.query('REVOKE INSERT ON ledger FROM tax_control_server');
    const sale = await sell(draft());
    await server.superuser.query('GRANT INSERT ON ledger TO tax_control_server');
    expect(sale).toMatchObject({ result: 'stored_offline' });
    const attempts = await agent.get(`/v1/terminals/${agent.terminals[0]?.terminalId ?? ''}/log`);
    const { entries } = (await attempts.json()) as { entries: { id: string; invoiceId: string }[] };
    const attempt = entries.find(({ invoiceId }) => invoiceId === sale['invoiceId']);
    const told = lines().filter(({ requestId }) => requestId === attempt?.id);
    expect(told.map(({ msg }) => msg)).toEqual(['an invoice could not be stored', 'answered']);
  });

  it('go on with what is refused, misdirected, broken and foreign', async () => {
    // At the agent: arithmetic, syntax, a token of somebody else.
    expect(await sell(draft({ payments: [{ method: 'cash', amount: 1 }] }))).toMatchObject({ result: 'invalid' });
    expect((await agent.post('/v1/terminals/none/sales/1', draft())).status).toBe(404);
    const foreign = await fetch(`${agent.url}/v1/terminals`, { headers: { authorization: `Bearer ${mark('token')}` } });
    expect(foreign.status).toBe(401);

    // At the terminals' listener: no certificate, broken JSON, a wrong secret.
    const broken = `{"invoice": "${mark('broken body')}`;
    expect((await call(server, '/v1/invoices', { body: broken })).status).toBe(400);
    const basic = Buffer.from(`nobody:${mark('wrong secret')}`).toString('base64');
    mark('wrong secret as it was sent', basic);
    const headers = { authorization: `Basic ${basic}`, 'content-type': 'application/pkcs10' };
    const applied = await call(server, '/.well-known/est/simpleenroll', {
      body: mark('request for a certificate'),
      headers,
    });
    expect(applied.status).toBeGreaterThanOrEqual(400);

    // At the public one: addresses, forms, passwords, sessions, searches.
    const listener = 'public';
    expect((await call(server, `/${mark('address')}?${mark('query')}`, { listener })).status).toBe(404);
    const official = await addOfficial(server.superuser, {
      roles: ['official', 'operator'],
      fullName: mark('official'),
    });
    mark('password of the official', official.password);
    const failed = await trySignIn(server, { name: official.name, password: mark('wrong password') });
    expect(failed.status).toBe(401);
    const browser = await signIn(server, official);
    mark('session', browser.cookie.split('=')[1]);
    mark('token of the session', browser.session.csrfToken);
    expect((await browser.get(`/v1/console/invoices?number=${mark('searched number')}`)).status).toBeLessThan(500);
  });

  it('and a table that cannot be read, so that requests fail of an exception', async () => {
    await server.superuser.query('REVOKE SELECT ON ledger FROM tax_control_server');
    const looked = await call(server, `/v1/verifications/${marks.get('code')}`, { listener: 'public' });
    const sale = await sell(draft());
    await server.superuser.query('GRANT SELECT ON ledger TO tax_control_server');
    expect([looked.status, sale['result']]).toEqual([500, 'stored_offline']);
    // Others may fail of the same meanwhile: the agent also drains by itself.
    const failed = lines().filter(
      ({ msg, requestId }) => msg === 'a request failed' && requestId === looked.headers['request-id'],
    );
    expect(failed).toMatchObject([{ level: 'error' }]);
  });

  it('have the id of its request in every line of one', () => {
    const ofRequests = lines().filter((line) => 'route' in line);
    expect(ofRequests.length).toBeGreaterThan(10);
    for (const line of ofRequests) expect(line.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('and in the end have nothing of what was sold, by whom, to whom, and no secret', async () => {
    await agent.end();
    expect(await server.end('SIGTERM')).toBe(0);
    const written = `${server.logLines.join('\n')}\n${server.errorOutput()}\n${agent.output()}`;
    expect(written).toContain('stopped');
    expect(marks.size).toBeGreaterThan(20);
    for (const [what, text] of marks) expect({ what, told: written.includes(text) }).toEqual({ what, told: false });
    // Neither signed documents nor keys.
    expect(written).not.toMatch(/eyJ[\w-]{10,}|-----BEGIN|654321/);
  });
});
