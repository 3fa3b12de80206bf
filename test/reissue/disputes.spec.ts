import { checkDigits, formatCode, systemClock } from '@tax-control/protocol';
import type { CodeDispute, Missing, Page, SettledDispute } from '@tax-control/protocol/console';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run as tellCommand } from '../../src/commands/run.js';
import { runAudit } from '../../tools/audit/audit.js';
import { type ConsoleGround, openConsoleGround, trailOf } from '../console-api/ground.js';
import { receiptOf, type Till } from '../issuance/office.js';
import { signIn, type TestBrowser } from '../support/officials.js';

const API = '/v1/console/disputes/settlements';
const reason = 'the disk of the till was set back';

let ground: ConsoleGround;
let operator: TestBrowser;
let numbers = 0;

beforeAll(async () => {
  ground = await openConsoleGround();
  operator = await signIn(ground.server, { roles: ['operator'] });
  vi.stubEnv('DATABASE_URL', ground.ground.database.operatorUrl);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await ground.close();
});

/** A till that holds a genuine receipt against what is on file, as restorations keep it. */
async function disputed(): Promise<{ readonly till: Till; readonly code: string; readonly codeOnFile: string }> {
  const till = await ground.till({});
  const { code: codeOnFile, invoiceId } = receiptOf((await ground.sell(till)).answer);
  numbers += 1;
  const body = `${900_000_500_000 + numbers}000000`;
  const code = `${body}${checkDigits(body)}`;
  await ground.ground.superuser.query(
    `INSERT INTO code_dispute (terminal_id, invoice_id, code, sequence_on_file, receipt, invoice) VALUES ($1, $2, $3, $4, 'receipt', 'invoice')`,
    [till.terminalId, invoiceId, code, codeOnFile.slice(0, 12)],
  );
  return { till, code, codeOnFile };
}

async function open(till: Till): Promise<readonly Missing[]> {
  const path = `/v1/console/missing?kind=disputed_code&terminalId=${till.terminalId}`;
  return (await operator.get<Page<Missing>>(path)).json().items;
}

async function command(...commandLine: string[]): Promise<{ status: number; out: string; error: string }> {
  let [out, error] = ['', ''];
  const terminal = { out: (text: string) => (out += text), error: (text: string) => (error += text) };
  const status = await tellCommand(commandLine, terminal, systemClock);
  return { status, out, error };
}

async function listed(...options: string[]): Promise<readonly CodeDispute[]> {
  return (JSON.parse((await command('dispute', 'list', ...options, '--json')).out) as { disputes: CodeDispute[] })
    .disputes;
}

async function i9(code: string): Promise<{ readonly findings: string[]; readonly notes: string[] }> {
  const { keysDirectory, database } = ground.ground;
  const report = await runAudit({ databaseUrl: database.auditorUrl, keysDirectory });
  const { findings, notes } = report.verdicts.find(({ id }) => id === 'I9')!;
  const ofCode = (text: string) => text.includes(code);
  return { findings: findings.filter(ofCode), notes: notes.filter(ofCode) };
}

describe('a dispute of codes', () => {
  it('is settled by an operator with a reason; both stay kept, and the audit names it', async () => {
    const { till, code, codeOnFile } = await disputed();
    expect(await open(till)).toMatchObject([{ code, codeOnFile }]);
    expect(await i9(code)).toMatchObject({ findings: [expect.any(String)], notes: [] });
    const body = { code: formatCode(code), codeOnFile, stands: 'both', reason };
    const answer = await operator.post<SettledDispute>(API, body);
    expect([answer.status, answer.json()]).toMatchObject([
      200,
      {
        result: 'settled',
        dispute: { code, codeOnFile, settlement: { stands: 'both', settledBy: operator.name, reason } },
      },
    ]);
    expect((await operator.post<SettledDispute>(API, { ...body, reason: 'the same once more' })).json()).toEqual({
      ...answer.json(),
      result: 'known',
    });
    expect(await open(till)).toEqual([]);
    const trail = await trailOf(ground.ground, operator.name);
    expect(trail.filter(([action, subject]) => action === 'dispute.settled' && subject === till.terminalId)).toEqual([
      ['dispute.settled', till.terminalId, reason],
    ]);
    const audited = await i9(code);
    expect(audited.findings).toEqual([]);
    expect(audited.notes).toEqual([expect.stringContaining(`settled by ${operator.name} (both): ${reason}`)]);
    const { rows } = await ground.ground.superuser.query('SELECT FROM code_dispute WHERE code = $1', [code]);
    expect(rows).toHaveLength(1);
    // Another decision takes its place; the first one stays.
    const other = await operator.post<SettledDispute>(API, { ...body, stands: 'on_file' });
    expect(other.json()).toMatchObject({ result: 'settled', dispute: { settlement: { stands: 'on_file' } } });
    const kept = await ground.ground.superuser.query('SELECT FROM settled_dispute WHERE code = $1', [code]);
    expect(kept.rows).toHaveLength(2);
    const rights = await ground.ground.superuser.query(
      `SELECT has_table_privilege('tax_control_server', 'settled_dispute', 'UPDATE, DELETE') AS may`,
    );
    expect(rights.rows).toEqual([{ may: false }]);
  });

  it('is open again where the same receipt contradicts something else', async () => {
    const { till, code, codeOnFile } = await disputed();
    await operator.post(API, { code, codeOnFile, stands: 'on_file', reason });
    expect(await open(till)).toEqual([]);
    const next = receiptOf((await ground.sell(till)).answer);
    await ground.ground.superuser.query(
      `INSERT INTO code_dispute (terminal_id, invoice_id, code, sequence_on_file, receipt, invoice) VALUES ($1, $2, $3, $4, 'receipt', 'invoice')`,
      [till.terminalId, next.invoiceId, code, next.code.slice(0, 12)],
    );
    expect(await open(till)).toMatchObject([{ code, codeOnFile: next.code }]);
    // Each is decided by itself, by the two codes.
    const other = { code, codeOnFile: next.code, stands: 'receipt', reason: 'another case' };
    expect((await operator.post<SettledDispute>(API, other)).json()).toMatchObject({ result: 'settled' });
    const decided = (await listed('--all')).filter((one) => one.code === code);
    expect(Object.fromEntries(decided.map((one) => [one.codeOnFile, one.settlement?.stands]))).toEqual({
      [codeOnFile]: 'on_file',
      [next.code]: 'receipt',
    });
  });

  it('is decided by no one else, of no other code, and for no other reason than one that is said', async () => {
    const { till, code, codeOnFile } = await disputed();
    const send = async (change: object, by = operator) => {
      const answer = await by.post<{ code?: string }>(API, { code, codeOnFile, stands: 'both', reason, ...change });
      return [answer.status, answer.json().code];
    };
    expect(await send({ reason: ' ' })).toEqual([400, 'invalid_request']);
    expect(await send({ stands: 'neither' })).toEqual([400, 'invalid_request']);
    expect(await send({ code: `${code.slice(0, 19)}${(Number(code[19]) + 1) % 10}` })).toEqual([400, 'code_mistyped']);
    expect(await send({ code: codeOnFile })).toEqual([404, 'not_on_file']);
    expect(await send({ codeOnFile: code })).toEqual([404, 'not_on_file']);
    expect(await send({ codeOnFile: undefined })).toEqual([400, 'invalid_request']);
    expect(await send({}, await signIn(ground.server))).toEqual([403, 'role_missing']);
    const elsewhere = await signIn(ground.server, {
      roles: ['operator'],
      view: { kind: 'regions', regions: ['Nowhere'] },
    });
    expect(await send({}, elsewhere)).toEqual([404, 'not_on_file']);
    expect(await open(till)).toHaveLength(1);
  });

  it('is listed and settled by command', async () => {
    const { till, code, codeOnFile } = await disputed();
    expect((await listed()).map((one) => one.code)).toContain(code);
    const onFile = ['--on-file', formatCode(codeOnFile)];
    const settle = (...more: string[]) =>
      command('dispute', 'settle', formatCode(code), ...onFile, '--reason', reason, ...more);
    expect((await settle()).status).toBe(2);
    const withoutOnFile = await command('dispute', 'settle', code, '--stands', 'both', '--reason', reason);
    expect(withoutOnFile.status).toBe(2);
    expect(
      (await command('dispute', 'settle', '12345', ...onFile, '--stands', 'both', '--reason', reason)).status,
    ).toBe(2);
    expect(await settle('--stands', 'receipt')).toMatchObject({
      status: 0,
      out: expect.stringContaining('Settled.') as string,
    });
    expect(await settle('--stands', 'receipt')).toMatchObject({
      status: 0,
      out: expect.stringContaining('decided so before') as string,
    });
    expect((await listed()).map((one) => one.code)).not.toContain(code);
    expect((await listed('--all')).find((one) => one.code === code)).toMatchObject({
      settlement: { stands: 'receipt', reason },
    });
    const none = `900000999999000000${checkDigits('900000999999000000')}`;
    expect((await command('dispute', 'settle', none, ...onFile, '--stands', 'both', '--reason', reason)).status).toBe(
      1,
    );
    const { rows } = await ground.ground.superuser.query<{ facts: object }>(
      `SELECT facts FROM audit_trail WHERE action = 'dispute.settled' AND subject = $1`,
      [till.terminalId],
    );
    expect(rows).toMatchObject([{ facts: { code, stands: 'receipt', command: expect.any(String) as string } }]);
  });
});
