import type { PoolClient } from 'pg';
import { OFFICIAL_ROLES, type OfficialView } from '@tax-control/protocol/console';
import type { Clock } from '@tax-control/protocol';
import { inTransaction } from '../database/transaction.js';
import { addAccount, changeAccount, findAccount, type NewPassword, setPassword } from '../officials/account-store.js';
import { faultsOfView } from '../officials/faults-of-view.js';
import { hashPassword } from '../officials/password-hash.js';
import { faultOfPassword, type PasswordHolder } from '../officials/password-rules.js';
import { endSessions } from '../officials/session-store.js';
import { accountSubject, forgetTries } from '../officials/sign-in-delay.js';
import { makeTemporaryPassword, TEMPORARY_PASSWORD_MS } from '../officials/temporary-password.js';
import { withDatabase } from './operator-database.js';
import { done, misused, type NotDone, type Outcome, refused } from './outcome.js';
import { readPassword } from './read-password.js';
import { recordCommand } from './record-command.js';

export interface PasswordOptions {
  readonly passwordStdin?: boolean;
}

export interface AddOptions extends PasswordOptions {
  readonly fullName: string;
  readonly role: readonly string[];
  readonly region?: readonly string[];
  readonly taxpayer?: readonly string[];
}

/** @property shown the made one, to be told once; null: whoever typed it knows it */
interface ChosenPassword extends NewPassword {
  readonly shown: string | null;
}

/** `add` */
export async function addOfficial(name: string, options: AddOptions, clock: Clock): Promise<Outcome> {
  const roles = OFFICIAL_ROLES.filter((role) => options.role.includes(role));
  const unknown = options.role.find((given) => !OFFICIAL_ROLES.some((role) => role === given));
  if (unknown !== undefined) return misused(`--role ${unknown} is none of ${OFFICIAL_ROLES.join(', ')}.`);
  const view = viewOf(options);
  if (view === null)
    return misused('--region and --taxpayer exclude each other: an official sees regions or taxpayers.');
  const password = await choosePassword({ name, fullName: options.fullName }, options, clock);
  if ('done' in password) return password;
  return change(async (client) => {
    const [fault] = await faultsOfView(client, view, roles);
    if (fault !== undefined) return refused(`The view ${fault.detail}. See: tax-control premises list, taxpayer list.`);
    if ((await addAccount(client, { name, fullName: options.fullName, roles, view, password })) === 'exists')
      return refused(
        `There is an account ${name} already. For another password: tax-control official reset-password ${name}`,
      );
    await recordCommand(client, { action: 'official.added', subject: name, facts: { roles, view } });
    return done(
      { name, fullName: options.fullName, roles, view, ...told(password) },
      `Added the account ${name} (${roles.join(', ')}).${hint(password)}`,
    );
  });
}

/** `disable` */
export function disableOfficial(name: string, disabled: boolean): Promise<Outcome> {
  return change(async (client) => {
    if ((await changeAccount(client, name, { disabled })) === null) return unknownOfficial(name);
    const sessions = disabled ? await endSessions(client, name) : 0;
    await recordCommand(client, {
      action: disabled ? 'official.disabled' : 'official.enabled',
      subject: name,
      facts: { sessions },
    });
    return done(
      { name, disabled, endedSessions: sessions },
      disabled
        ? `Disabled the account ${name}; ${sessions} of its sessions ended. To undo it: tax-control official disable ${name} --undo`
        : `The account ${name} may sign in again.`,
    );
  });
}

/** `reset-password` */
export function resetOfficial(name: string, options: PasswordOptions, clock: Clock): Promise<Outcome> {
  return withDatabase(async (pool) => {
    const account = await findAccount(pool, name);
    if (account === null) return unknownOfficial(name);
    const password = await choosePassword(account, options, clock);
    if ('done' in password) return password;
    return inTransaction(pool, async (client) => {
      await setPassword(client, name, password);
      await forgetTries(client, accountSubject(name));
      const sessions = await endSessions(client, name);
      await recordCommand(client, { action: 'official.reset', subject: name, facts: { sessions } });
      return done(
        { name, endedSessions: sessions, ...told(password) },
        `The account ${name} has another password; ${sessions} of its sessions ended.${hint(password)}`,
      );
    });
  });
}

/** `end-sessions` */
export function endSessionsOfOfficial(name: string): Promise<Outcome> {
  return change(async (client) => {
    if ((await findAccount(client, name)) === null) return unknownOfficial(name);
    const sessions = await endSessions(client, name);
    await recordCommand(client, { action: 'official.sessions_ended', subject: name, facts: { sessions } });
    return done({ name, endedSessions: sessions }, `Ended ${sessions} sessions of ${name}.`);
  });
}

function change(work: (client: PoolClient) => Promise<Outcome>): Promise<Outcome> {
  return withDatabase((pool) => inTransaction(pool, work));
}

function viewOf({ region, taxpayer }: AddOptions): OfficialView | null {
  if (region !== undefined && taxpayer !== undefined) return null;
  if (region !== undefined) return { kind: 'regions', regions: [...new Set(region)] };
  return taxpayer === undefined ? { kind: 'all' } : { kind: 'taxpayers', taxpayerIds: [...new Set(taxpayer)] };
}

async function choosePassword(
  holder: PasswordHolder,
  { passwordStdin = false }: PasswordOptions,
  clock: Clock,
): Promise<ChosenPassword | NotDone> {
  if (!passwordStdin) {
    const shown = makeTemporaryPassword();
    const hash = await hashPassword(shown);
    return { hash, expiresAt: new Date(clock.now() + TEMPORARY_PASSWORD_MS), shown };
  }
  const read = await readPassword();
  if ('done' in read) return read;
  const fault = faultOfPassword(read.password, holder);
  if (fault !== null) return refused(`The password ${fault}. Choose another one.`);
  return { hash: await hashPassword(read.password), expiresAt: null, shown: null };
}

function told({ shown, expiresAt }: ChosenPassword): object {
  return shown === null ? {} : { temporaryPassword: shown, temporaryPasswordUntil: expiresAt?.toISOString() };
}

function hint({ shown, expiresAt }: ChosenPassword): string {
  if (shown === null) return '';
  return ` Temporary password, shown this once and valid until ${expiresAt?.toISOString() ?? ''}:\n\n${shown}\n\nIt must be changed at the first sign-in.`;
}

function unknownOfficial(name: string): NotDone {
  return refused(`There is no account ${name}. See: tax-control official list`);
}
