import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimIdentity, keepNumbersAboveFloor } from '../../src/database/identity.js';
import { SessionGuard } from '../../src/database/session-guard.js';
import { inTransaction } from '../../src/database/transaction.js';
import { endInvitations, listInvitations, type NewInvitation } from '../../src/enrolment/invitations.js';
import { invitedEntry } from '../../src/enrolment/recovery-entries.js';
import { readPosition, recover } from '../../src/recovery/recover.js';
import { replayLog } from '../../src/recovery/replay-log.js';
import type { RecoveryEntry } from '../../src/recovery-log/entries.js';
import type { RecoveryLogReading } from '../../src/recovery-log/read-recovery-log.js';
import { claimEnvironment } from '../../src/registry/installation.js';
import { findTerminal } from '../../src/registry/terminals.js';
import { enrol, makeApplicant } from '../enrolment/till.js';
import { createInvitation } from '../support/invitations.js';
import { testPool } from '../support/pool.js';
import { makeGround, startTestServer, type TestGround } from '../support/server.js';
import { makeTerminal } from '../support/terminals.js';

const DAY_MS = 86_400_000;
let ground: TestGround;
let operator: Pool;
let terminalId: string;
let made: NewInvitation;

/** Before and after what the database has, by its own clock. */
let before: string;
let after: string;

beforeAll(async () => {
  ground = await makeGround();
  operator = testPool(ground.database.operatorUrl);
});
afterAll(async () => {
  await operator.end();
  await ground.clear();
});
beforeEach(async () => {
  ({ terminalId } = await makeTerminal(ground));
  made = await inTransaction(operator, (client) => createInvitation(client, terminalId, 7));
  const { statusChangedAt } = (await findTerminal(operator, terminalId))!;
  before = new Date(statusChangedAt.getTime() - DAY_MS).toISOString();
  after = new Date(statusChangedAt.getTime() + DAY_MS).toISOString();
});

function replay(...entries: RecoveryEntry[]): ReturnType<typeof replayLog> {
  return inTransaction(operator, (client) => replayLog(client, entries));
}

function status(at: string, to: string): RecoveryEntry {
  return { kind: 'terminal_status', at, terminalId, status: to, reason: 'why' };
}

async function statusNow(): Promise<string | undefined> {
  return (await findTerminal(operator, terminalId))?.status;
}

async function invitationsNow(): Promise<string[]> {
  return (await listInvitations(operator, terminalId)).map(({ state }) => state);
}

function invited(at: string, secretDigest: Buffer): RecoveryEntry {
  const expiresAt = new Date(Date.parse(at) + 7 * DAY_MS).toISOString();
  return { kind: 'invitation_made', at, terminalId, secretDigest: secretDigest.toString('base64url'), expiresAt };
}

describe('what is replayed of a terminal', () => {
  it('sets the last state, and changes nothing the second time', async () => {
    const entries = [status(after, 'suspended')];
    expect((await replay(...entries)).terminals.statuses).toBe(1);
    expect(await statusNow()).toBe('suspended');
    expect((await replay(...entries)).terminals.statuses).toBe(0);
  });

  it('does not take back what the database knows of later', async () => {
    await replay(status(before, 'suspended'));
    expect(await statusNow()).toBe('active');
  });

  it('revokes for ever, whatever comes later and however old it is', async () => {
    await replay(status(before, 'revoked'), status(after, 'active'));
    expect(await statusNow()).toBe('revoked');
    await replay(status(after, 'active'));
    expect(await statusNow()).toBe('revoked');
  });

  it('brings back a terminal that was registered since, and names one whose premises are not on file', async () => {
    const { premisesId } = (await findTerminal(operator, terminalId))!;
    const registered = (id: string, premises: string): RecoveryEntry => ({
      kind: 'terminal_registered',
      at: after,
      terminalId: id,
      premisesId: premises,
    });
    const { terminals } = await replay(registered(`${terminalId}-b`, premisesId), registered('nowhere-1', 'nowhere'));
    expect(terminals).toMatchObject({ terminals: 1, unknownTerminals: ['nowhere-1'] });
    expect(await findTerminal(operator, `${terminalId}-b`)).toMatchObject({ premisesId, status: 'active' });
  });
});

describe('what is replayed of a terminal that was registered since', () => {
  it('is its state too, although the process that registered it had a clock ahead of the database’s', async () => {
    const { premisesId } = (await findTerminal(operator, terminalId))!;
    const late = `${terminalId}-late`;
    await replay(
      { kind: 'terminal_status', at: before, terminalId: late, status: 'suspended', reason: 'why' },
      { kind: 'terminal_registered', at: after, terminalId: late, premisesId },
    );
    expect(await findTerminal(operator, late)).toMatchObject({ status: 'suspended', statusReason: 'why' });
  });
});

describe('what is replayed of invitations', () => {
  it('ends one that was replaced, and knows the new one', async () => {
    const entries = [invited(after, Buffer.alloc(32, 1))];
    expect((await replay(...entries)).invitations).toEqual({ made: 1, used: 0, ended: 1 });
    expect((await replay(...entries)).invitations).toEqual({ made: 0, used: 0, ended: 0 });
    expect(await invitationsNow()).toHaveLength(2);
  });

  it('goes by the database’s time', async () => {
    const another = await inTransaction(operator, (client) => createInvitation(client, terminalId, 7));
    const entry = invitedEntry(terminalId, another);
    // As the backup has them: the first one open, the other not there yet.
    await ground.superuser.query('DELETE FROM invitation WHERE secret_digest = $1', [another.secretDigest]);
    await ground.superuser.query(`UPDATE invitation SET expires_at = now() + '1 day' WHERE terminal_id = $1`, [
      terminalId,
    ]);
    expect((await replay(entry)).invitations).toEqual({ made: 1, used: 0, ended: 1 });
    expect(await invitationsNow()).toEqual(['open', 'expired']);
  });

  it('ends those of a till that was revoked', async () => {
    // The database's own time has not come yet to the day after: it is ended then, and not before.
    await replay({ kind: 'invitations_withdrawn', at: after, terminalId });
    const [invitation] = await listInvitations(operator, terminalId);
    expect(invitation!.expiresAt.toISOString()).toBe(after);
    await inTransaction(operator, (client) => endInvitations(client, terminalId));
  });

  it('marks one as used with the certificate that it gave, and leaves it at that', async () => {
    const { rows } = await ground.superuser.query<{ thumbprint: string }>(
      'SELECT thumbprint FROM terminal_certificate WHERE terminal_id = $1',
      [terminalId],
    );
    const used: RecoveryEntry = {
      kind: 'invitation_used',
      at: before,
      terminalId,
      secretDigest: made.secretDigest.toString('base64url'),
      keyDigest: Buffer.alloc(32, 2).toString('base64url'),
      thumbprint: rows[0]!.thumbprint,
    };
    expect((await replay(used)).invitations.used).toBe(1);
    expect((await replay(used)).invitations.used).toBe(0);
    expect(await invitationsNow()).toEqual(['used']);
  });
});

describe('the floor', () => {
  const START = 900_000_000_000;
  const DAY_S = 86_400;
  const setBack = async (installedDaysAgo: number, number: number): Promise<number> => {
    const pool = testServerPool();
    await claimEnvironment(pool, 'test');
    await claimIdentity(pool);
    await ground.superuser.query('UPDATE installation SET installed_at = now() - make_interval(days => $1)', [
      installedDaysAgo,
    ]);
    await ground.superuser.query(`SELECT setval('tax_control_number_test', $1)`, [number]);
    await keepNumbersAboveFloor(pool);
    return (await readPosition(ground.superuser))!.number;
  };
  afterAll(() => ground.superuser.query(`UPDATE installation SET installed_at = now()`));

  it('lifts numbers that are behind the time since the installation', async () => {
    const number = await setBack(10, START + 7);
    expect(number).toBeGreaterThanOrEqual(START + 25 * 10 * DAY_S);
    expect(number).toBeLessThan(START + 25 * 11 * DAY_S);
  });

  it('leaves those alone that are before it, and all where the clock is years ahead', async () => {
    expect(await setBack(10, START + 25 * 11 * DAY_S)).toBe(START + 25 * 11 * DAY_S);
    expect(await setBack(400, START + 7)).toBe(START + 7);
  });

  it('is looked at by every new session of a server', async () => {
    const guard = new SessionGuard();
    guard.watch(() => Promise.resolve());
    await setBack(3, START + 7);
    await ground.superuser.query(`SELECT setval('tax_control_number_test', $1)`, [START + 7]);
    const session = await testServerPool().connect();
    await guard.admit(session);
    session.release();
    expect((await readPosition(ground.superuser))!.number).toBeGreaterThanOrEqual(START + 25 * 3 * DAY_S);
  });
});

describe('the jump', () => {
  it('is one of many that were asked for at once, and none where nothing is wrong', async () => {
    await claimEnvironment(testServerPool(), 'test');
    const order = { log: null, saysOperator: false, numberKnown: null };
    const pools = [1, 2, 3].map(() => testServerPool());
    await ground.superuser.query(
      `INSERT INTO database_identity SELECT true, '1', timeline, database_oid, table_oid FROM present_identity
       ON CONFLICT (only_row) DO UPDATE SET system_identifier = '1'`,
    );
    const results = await Promise.all(pools.map((pool) => recover(pool, order)));
    expect(results.map(({ result }) => result).sort()).toEqual(['nothing_to_do', 'nothing_to_do', 'recovered']);
    expect(await recover(pools[0]!, order)).toEqual({ result: 'nothing_to_do' });
    await Promise.all(opened.splice(0).map((pool) => pool.end()));
  });

  it('is further than any life of the copy can have come, however often that was started anew', async () => {
    const pool = testServerPool();
    await claimEnvironment(pool, 'test');
    await claimIdentity(pool);
    const { superuser } = ground;
    await superuser.query('DELETE FROM database_recovery');
    await superuser.query(`UPDATE installation SET installed_at = now() - interval '1 day'`);
    const number = async (): Promise<number> => (await readPosition(superuser))!.number;
    // Lives of an hour, in which everything on file is of some minutes ago and PostgreSQL is started anew every few minutes.
    const ages = (minutes: number) =>
      superuser.query(
        `UPDATE database_identity SET recorded_at = now() - make_interval(mins => $1), started_at = now() - interval '1 day'`,
        [minutes],
      );
    const copy = await number();
    const pauses = [3, 17, 1, 1, 9, 29];
    for (const minutes of pauses) {
      await ages(minutes);
      expect(await recover(pool, { log: null, saysOperator: false, numberKnown: null })).toMatchObject({
        result: 'recovered',
        recovery: { why: 'restarted' },
      });
      // What it sells in a minute until the next start, as fast as docs/decisions/0025 allows on average.
      await superuser.query(
        `SELECT setval('tax_control_number_test', last_value + 500 * 60) FROM tax_control_number_test`,
      );
    }
    const lost = await number();
    // The copy is put back: neither its sequence nor its jumps know of that hour.
    await superuser.query(`SELECT setval('tax_control_number_test', $1)`, [copy]);
    await superuser.query('DELETE FROM database_recovery');
    await ages(pauses.reduce((sum, minutes) => sum + minutes, pauses.length));
    await recover(pool, { log: null, saysOperator: false, numberKnown: null });
    expect(await number()).toBeGreaterThan(lost);
  });

  describe('where the clock is wrong', () => {
    const order = { log: null, saysOperator: false, numberKnown: null };
    const UNKNOWN_MARGIN = 100_000_000;
    const UNIT = { recorded: 'UPDATE database_identity SET started_at = now(), recorded_at = now() + $1::interval' };
    const jumpAfter = async (age: string, saysOperator = false): Promise<number> => {
      const before = (await readPosition(ground.superuser))!.number;
      await ground.superuser.query(UNIT.recorded, [age]);
      await recover(testServerPool(), { ...order, saysOperator });
      return (await readPosition(ground.superuser))!.number - before;
    };
    beforeAll(async () => {
      await claimEnvironment(testServerPool(), 'test');
      await claimIdentity(testServerPool());
      await ground.superuser.query(`UPDATE installation SET installed_at = now() - interval '2 years'`);
      await ground.superuser.query('DELETE FROM database_recovery');
      // On the line of two years, or the floor would be all that counts.
      await ground.superuser.query(`SELECT setval('tax_control_number_test', 901000000000 + 25 * 2 * 366 * 86400)`);
    });
    afterAll(() => ground.superuser.query(`UPDATE installation SET installed_at = now() - interval '1 day'`));

    it('goes far where the clock was ahead before: how much time has passed nobody knows', async () => {
      expect(await jumpAfter('2 hours')).toBe(UNKNOWN_MARGIN);
      expect(await jumpAfter('56 years')).toBe(UNKNOWN_MARGIN);
    });

    it('is refused where the clock is more than a year ahead, until an operator says that it is right', async () => {
      const { number } = (await readPosition(ground.superuser))!;
      await expect(jumpAfter('-367 days')).rejects.toThrow(/tax-control database recovered/);
      expect((await readPosition(ground.superuser))!.number).toBe(number);
      expect(await jumpAfter('-367 days', true)).toBeGreaterThan(1_000 * 366 * 86_400);
    });

    it('does not fall behind the floor, which goes on from the last jump', async () => {
      const { number } = (await readPosition(ground.superuser))!;
      await ground.superuser.query(`UPDATE database_recovery SET recovered_at = recovered_at - interval '1 hour'`);
      await ground.superuser.query(`SELECT setval('tax_control_number_test', $1)`, [number]);
      await keepNumbersAboveFloor(testServerPool());
      expect((await readPosition(ground.superuser))!.number).toBeGreaterThanOrEqual(number + 25 * 3_600);
    });
  });

  it('comes too where a copy is older by a revocation alone, and brings that back', async () => {
    const pool = testServerPool();
    await claimEnvironment(pool, 'test');
    await claimIdentity(pool);
    const log = (...entries: RecoveryEntry[]): RecoveryLogReading => ({
      files: 1,
      entries,
      highestNumbers: { production: null, test: null },
      unreadable: [],
    });
    const order = { saysOperator: false, numberKnown: null };
    await recover(pool, { ...order, log: null });
    expect(await recover(pool, { ...order, log: log(status(before, 'suspended')) })).toEqual({
      result: 'nothing_to_do',
    });
    expect(await recover(pool, { ...order, log: log(status(before, 'revoked')) })).toMatchObject({
      result: 'recovered',
      recovery: { why: 'older_copy' },
    });
    expect(await statusNow()).toBe('revoked');
    expect(await recover(pool, { ...order, log: log(status(before, 'revoked')) })).toEqual({ result: 'nothing_to_do' });
    await Promise.all(opened.splice(0).map((one) => one.end()));
  });

  it('is refused when there would be no numbers left, and says so', async () => {
    const order = { log: null, saysOperator: true, numberKnown: 999_999_999_990 };
    const pool = testServerPool();
    await expect(recover(pool, order)).rejects.toThrow(/numbers of the test environment are used up/);
    await expect(recover(pool, { ...order, numberKnown: 5 })).rejects.toThrow(/not a number of the test environment/);
    await Promise.all(opened.splice(0).map((one) => one.end()));
  });
});

describe('a recovery log that cannot be written', () => {
  it('keeps an invitation good: nobody is enrolled, and the till is told to come again', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'recovery-log-'));
    const directory = join(parent, 'log');
    const server = await startTestServer({ ground, environment: { RECOVERY_LOG_DIRECTORY: directory } });
    await rm(directory, { recursive: true });
    await writeFile(directory, '');
    const applicant = await makeApplicant();
    const ask = async (): ReturnType<typeof enrol> => enrol(server, terminalId, made.secret, await applicant.request());
    const refused = await ask();
    expect([refused.status, refused.json()['code'], refused.headers['retry-after']]).toEqual([
      503,
      'server_busy',
      '30',
    ]);
    expect(await invitationsNow()).toEqual(['open']);
    await rm(directory);
    expect((await ask()).status).toBe(200);
    await server.stop();
    await rm(parent, { recursive: true });
  });
});

const opened: Pool[] = [];
function testServerPool(): Pool {
  const pool = testPool(ground.database.serverUrl);
  opened.push(pool);
  return pool;
}
