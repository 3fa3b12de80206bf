import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { isProblem, systemClock } from '@tax-control/protocol';
import { Acts } from '../../src/administration/act.js';
import { type CommandLine, commandLine } from '../../src/administration/actor.js';
import { type InvitationOrder, TerminalActs } from '../../src/administration/terminals.js';
import { listInvitations } from '../../src/enrolment/invitations.js';
import { NO_RECOVERY_LOG, type RecoveryLog } from '../../src/recovery-log/recovery-log.js';
import { type EnrolmentGround, startEnrolmentGround } from '../enrolment/ground.js';
import { certificateOf, enrol, makeApplicant } from '../enrolment/till.js';

const ORDER = { addresses: ['https://localhost:8443'], caDigest: 'A'.repeat(43), validDays: 7 };
const ALL = { which: 'all', taxpayerId: null, premisesId: null, region: null } as const;
const reason = 'it was stolen';

/** Where an act stands still in its transaction: `reached` when it is there, until `open` is called. */
interface Halt {
  readonly reached: Promise<unknown>;
  readonly open: () => void;
  readonly stand: () => Promise<void>;
}

function halt(): Halt {
  const moments = new EventEmitter();
  const [reached, opened] = [once(moments, 'reached'), once(moments, 'opened')];
  const open = () => void moments.emit('opened');
  onTestFinished(open);
  return {
    reached,
    open,
    stand: async () => {
      moments.emit('reached');
      await opened;
    },
  };
}

let ground: EnrolmentGround;
let actor: CommandLine;
let terminalId: string;

beforeAll(async () => {
  ground = await startEnrolmentGround();
  actor = await commandLine(ground.operator);
});

afterAll(() => ground.stop());

beforeEach(async () => {
  terminalId = await ground.register();
});

const actsWith = (log: RecoveryLog) => new TerminalActs(new Acts(ground.operator, log), systemClock);
const acts = () => actsWith(NO_RECOVERY_LOG);
const haltedBeforeCommit = ({ stand }: Halt) => actsWith({ append: stand });
const handedOverAt = ({ stand }: Halt): InvitationOrder => ({ ...ORDER, handOver: stand });

async function untilWaiting(sessions: number): Promise<void> {
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await expect.poll(async () => (await ground.server.superuser.query(waiting)).rowCount).toBe(sessions);
}

async function statesOfInvitations(): Promise<string[]> {
  return (await listInvitations(ground.operator, terminalId)).map(({ state }) => state);
}

/** How the terminal may be invited, and what a revoked one is refused with; of many it is left out. */
const WAYS = [
  ['invite', (order: InvitationOrder) => acts().invite(actor, terminalId, null, order), 'status_change_not_allowed'],
  ['inviteMany', (order: InvitationOrder) => acts().inviteMany(actor, { ...ALL, premisesId: 'P1' }, order), null],
] as const;

describe('an invitation and a revocation at once', () => {
  it.each(WAYS)('leave no open invitation if the first is %s', async (_way, invite) => {
    const halted = halt();
    const invited = invite(handedOverAt(halted));
    await halted.reached;
    const revoked = acts().setStatus(actor, terminalId, 'revoked', reason);
    await untilWaiting(1);
    halted.open();
    expect(await invited).not.toHaveProperty('code');
    expect(await revoked).toMatchObject({ isChanged: true });
    expect(await statesOfInvitations()).toEqual(['expired']);
  });

  it.each(WAYS)('leave no open invitation if the second is %s', async (_way, invite, refusedWith) => {
    const halted = halt();
    const revoked = haltedBeforeCommit(halted).setStatus(actor, terminalId, 'revoked', reason);
    await halted.reached;
    const invited = invite(ORDER);
    await untilWaiting(1);
    halted.open();
    expect(await revoked).toMatchObject({ isChanged: true });
    const made = await invited;
    expect(isProblem(made) ? made.code : null).toBe(refusedWith);
    expect([made].flat()).not.toContainEqual(expect.objectContaining({ terminalId }));
    expect(await statesOfInvitations()).toEqual([]);
  });
});

it('leaves one open invitation of two at once, and in the recovery log the one that it leaves is the later one', async () => {
  const halted = halt();
  const times: string[] = [];
  const log: RecoveryLog = {
    append: (...entries) => {
      times.push(...entries.map(({ at }) => at));
      return Promise.resolve();
    },
  };
  const first = actsWith(log).invite(actor, terminalId, null, handedOverAt(halted));
  await halted.reached;
  const second = actsWith(log).invite(actor, terminalId, null, ORDER);
  await untilWaiting(1);
  const openedMs = await now();
  halted.open();
  await Promise.all([first, second]);
  expect(await statesOfInvitations()).toEqual(['open', 'expired']);
  expect(Date.parse(times[1] ?? '')).toBeGreaterThanOrEqual(openedMs);
});

// Invitations of before that moment end when the recovery log is replayed: one that was made while it waited would stay open.
it('dates a revocation by when it held the terminal, not by when the act began', async () => {
  const halted = halt();
  const first = haltedBeforeCommit(halted).setStatus(actor, terminalId, 'suspended', reason);
  await halted.reached;
  const second = acts().setStatus(actor, terminalId, 'revoked', reason);
  await untilWaiting(1);
  const openedMs = await now();
  halted.open();
  await first;
  const revoked = await second;
  expect('terminal' in revoked && revoked.terminal.statusChangedAt.getTime()).toBeGreaterThanOrEqual(openedMs);
});

describe('an enrolment', () => {
  it('and a revocation at once do not wait for each other', async () => {
    const secret = await ground.invite(terminalId);
    const request = await (await makeApplicant()).request();
    const other = await ground.server.superuser.connect();
    // The lock ends with the session, also where the test fails.
    onTestFinished(() => other.release(true));
    await other.query('BEGIN');
    await other.query('LOCK TABLE terminal_certificate IN SHARE MODE');
    // It holds its invitation by then, and has not referred to the terminal.
    const enrolled = enrol(ground.server, terminalId, secret, request);
    await untilWaiting(1);
    const revoked = acts().setStatus(actor, terminalId, 'revoked', reason);
    await untilWaiting(2);
    await other.query('COMMIT');
    expect(await revoked).toMatchObject({ isChanged: true });
    expect(certificateOf(await enrolled).subject).toContain(terminalId);
    expect(await statesOfInvitations()).toEqual(['used']);
  });

  it('gets nothing for an invitation that another one ended meanwhile', async () => {
    const secret = await ground.invite(terminalId);
    const request = await (await makeApplicant()).request();
    const halted = halt();
    const invited = acts().invite(actor, terminalId, null, handedOverAt(halted));
    await halted.reached;
    const enrolled = enrol(ground.server, terminalId, secret, request);
    await untilWaiting(1);
    halted.open();
    await invited;
    expect((await enrolled).text).toContain('enrolment_secret_expired');
    expect(await statesOfInvitations()).toEqual(['open', 'expired']);
  });
});

/** Milliseconds since 1970, of the database's clock, which need not be ours. */
async function now(): Promise<number> {
  const { rows } = await ground.server.superuser.query<{ at: Date }>('SELECT clock_timestamp() AS at');
  return rows[0]?.at.getTime() ?? Number.NaN;
}
