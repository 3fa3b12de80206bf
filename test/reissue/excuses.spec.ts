import type { ExcusedTerminal, Missing, Page, TerminalExcuse } from '@tax-control/protocol/console';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '@tax-control/protocol';
import { run as tellCommand } from '../../src/commands/run.js';
import { runAudit } from '../../tools/audit/audit.js';
import { type ConsoleGround, openConsoleGround, trailOf } from '../console-api/ground.js';
import { receiptOf, type Till } from '../issuance/office.js';
import { signIn, type TestBrowser } from '../support/officials.js';

const reason = 'closed until May';

let ground: ConsoleGround;
let operator: TestBrowser;
let till: Till;

beforeAll(async () => {
  ground = await openConsoleGround();
  operator = await signIn(ground.server, { roles: ['operator'] });
  vi.stubEnv('DATABASE_URL', ground.ground.database.operatorUrl);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await ground.close();
});
beforeEach(async () => {
  till = await ground.till({});
});

const sql = (text: string, ...values: unknown[]) => ground.ground.superuser.query(text, values);
const restore = () => sql(`SELECT move_numbers_on('other_cluster', NULL, NULL, false)`);

async function excuse(
  terminalId = till.terminalId,
  by = operator,
): Promise<ExcusedTerminal & { readonly code?: string }> {
  const path = `/v1/console/terminals/${terminalId}/excuses`;
  return (await by.post<ExcusedTerminal & { readonly code?: string }>(path, { reason })).json();
}

async function unheard(): Promise<readonly Missing[]> {
  const path = `/v1/console/missing?kind=unheard_since_restore&terminalId=${till.terminalId}`;
  return (await operator.get<Page<Missing>>(path)).json().items;
}

async function listed(by = operator): Promise<readonly string[]> {
  return (await by.get<Page<TerminalExcuse>>('/v1/console/excuses')).json().items.map(({ terminalId }) => terminalId);
}

async function command(...commandLine: string[]): Promise<{ status: number; out: string; error: string }> {
  let [out, error] = ['', ''];
  const terminal = { out: (text: string) => (out += text), error: (text: string) => (error += text) };
  const status = await tellCommand(commandLine, terminal, systemClock);
  return { status, out, error };
}

async function status(): Promise<{ readonly excused: number; readonly outstanding: readonly string[] }> {
  const { out } = await command('database', 'status', '--json');
  return (JSON.parse(out) as { restoration: { excused: number; outstanding: string[] } }).restoration;
}

async function i9(): Promise<{ readonly findings: string[]; readonly notes: string[] }> {
  const { keysDirectory, database } = ground.ground;
  const report = await runAudit({ databaseUrl: database.auditorUrl, keysDirectory });
  const { findings, notes } = report.verdicts.find(({ id }) => id === 'I9')!;
  const ofTill = (text: string) => text.startsWith(`Till ${till.terminalId} `);
  return { findings: findings.filter(ofTill), notes: notes.filter(ofTill) };
}

describe('a till that confirms nothing after a restore', () => {
  it('is told of as excused, and not as one of none that confirmed', async () => {
    await restore();
    await excuse();
    const { out } = await command('database', 'status');
    expect(out).toContain('An operator excused all tills that were enrolled before the last jump.');
    expect(out).not.toContain('All 0 tills');
  });

  it('is excused by an operator with a reason, is shown as such, and is asked for again by the next restore', async () => {
    expect(await excuse()).toMatchObject({ code: 'terminal_not_waited_for' });
    await restore();
    expect(await unheard()).toHaveLength(1);
    expect((await i9()).findings).toHaveLength(1);
    const before = await status();
    expect(before.outstanding).toContain(till.terminalId);

    const answer = await excuse();
    expect(answer).toMatchObject({
      result: 'excused',
      excuse: { terminalId: till.terminalId, excusedBy: operator.name, reason },
    });
    expect(await excuse()).toEqual({ ...answer, result: 'known' });
    expect(await unheard()).toEqual([]);
    expect(await listed()).toContain(till.terminalId);
    const audited = await i9();
    expect(audited.findings).toEqual([]);
    expect(audited.notes).toEqual([expect.stringContaining(`Excused by ${operator.name}: ${reason}`)]);
    const after = await status();
    expect(after.excused).toBe(before.excused + 1);
    expect(after.outstanding).not.toContain(till.terminalId);
    expect((await command('database', 'status')).out).toContain('because an operator excused them');
    const trail = (await trailOf(ground.ground, operator.name)).filter(([, subject]) => subject === till.terminalId);
    expect(trail).toEqual([['terminal.excused', till.terminalId, reason]]);
    // It may sell as before, and PostgreSQL that is started anew asks for nobody again.
    await ground.sell(till);
    await sql(`SELECT move_numbers_on('restarted', NULL, NULL, false)`);
    expect([await unheard(), (await status()).outstanding.includes(till.terminalId)]).toEqual([[], false]);

    await restore();
    expect(await unheard()).toHaveLength(1);
    expect((await i9()).findings).toHaveLength(1);
    expect(await listed()).not.toContain(till.terminalId);
  });

  it('stays excused when PostgreSQL is started anew and another till brings back what was forgotten before', async () => {
    const { code } = receiptOf((await ground.sell(till)).answer);
    await restore();
    await excuse();
    await sql(`SELECT move_numbers_on('restarted', NULL, NULL, false)`);
    const came = (at: string | null) =>
      sql('UPDATE ledger SET restored_at = $2 WHERE sequence = $1', code.slice(0, 12), at);
    await came('2100-01-01T00:00:00Z');
    const seen = [await unheard(), (await i9()).findings, (await listed()).includes(till.terminalId)];
    await came(null);
    expect(seen).toEqual([[], [], true]);
  });

  it('is not excused by an excuse for a number at which no jump was made', async () => {
    await restore();
    await sql(
      `INSERT INTO terminal_excuse (terminal_id, next_number, excused_by, reason)
       SELECT $1, max(next_number) + 1, 'ada', 'for ever' FROM database_recovery`,
      till.terminalId,
    );
    expect(await unheard()).toHaveLength(1);
    expect((await i9()).findings).toHaveLength(1);
    expect((await status()).outstanding).toContain(till.terminalId);
  });

  it('is not listed as excused any more when it has confirmed', async () => {
    await restore();
    await excuse();
    expect(await listed()).toContain(till.terminalId);
    await sql(
      `INSERT INTO terminal_holdings SELECT $1, max(next_number), now() FROM database_recovery`,
      till.terminalId,
    );
    expect(await listed()).not.toContain(till.terminalId);
    expect(await excuse()).toMatchObject({ code: 'terminal_not_waited_for' });
  });

  it('is not excused where nobody waits for it, and only by who may', async () => {
    await restore();
    const confirmed = till;
    await sql(
      `INSERT INTO terminal_holdings SELECT $1, max(next_number), now() FROM database_recovery`,
      confirmed.terminalId,
    );
    expect(await excuse()).toMatchObject({ code: 'terminal_not_waited_for' });
    till = await ground.till({});
    // Enrolled after the restore.
    expect(await excuse()).toMatchObject({ code: 'terminal_not_waited_for' });
    await restore();
    expect(await excuse('nobody')).toMatchObject({ code: 'not_on_file' });
    expect(await excuse(till.terminalId, await signIn(ground.server))).toMatchObject({ code: 'role_missing' });
    const elsewhere = await signIn(ground.server, {
      roles: ['operator'],
      view: { kind: 'regions', regions: ['Nowhere'] },
    });
    expect(await excuse(till.terminalId, elsewhere)).toMatchObject({ code: 'not_on_file' });
    expect(await unheard()).toHaveLength(1);
    await excuse();
    expect(await listed(elsewhere)).toEqual([]);
    const revoked = await ground.till({});
    await sql(`UPDATE terminal SET status = 'revoked' WHERE terminal_id = $1`, revoked.terminalId);
    await restore();
    expect(await excuse(revoked.terminalId)).toMatchObject({ code: 'terminal_not_waited_for' });
  });

  it('is excused by command', async () => {
    await restore();
    const tell = (...more: string[]) => command('terminal', 'excuse', till.terminalId, ...more);
    expect((await tell()).status).toBe(2);
    expect(await tell('--reason', reason)).toMatchObject({
      status: 0,
      out: expect.stringContaining('Nobody waits') as string,
    });
    expect(await tell('--reason', 'another')).toMatchObject({
      status: 0,
      out: expect.stringContaining(reason) as string,
    });
    expect(await unheard()).toEqual([]);
    expect((await command('terminal', 'excuse', 'nobody', '--reason', reason)).status).toBe(1);
    const late = await ground.till({});
    expect((await command('terminal', 'excuse', late.terminalId, '--reason', reason)).status).toBe(1);
    const { rows } = await sql(
      `SELECT FROM audit_trail WHERE action = 'terminal.excused' AND subject = $1`,
      till.terminalId,
    );
    expect(rows).toHaveLength(1);
  });
});
