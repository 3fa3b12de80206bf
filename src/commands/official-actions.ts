import { type Clock, isProblem, problem, type ProblemCode } from '@tax-control/protocol';
import { OFFICIAL_ROLES, type OfficialView } from '@tax-control/protocol/console';
import { OfficialActs } from '../administration/officials.js';
import { findAccount, type NewPassword } from '../officials/account-store.js';
import { hashPassword } from '../officials/password-hash.js';
import { faultOfPassword, type PasswordHolder } from '../officials/password-rules.js';
import { makeTemporaryPassword, TEMPORARY_PASSWORD_MS } from '../officials/temporary-password.js';
import { withActs } from './acts.js';
import { done, misused, type NotDone, type Outcome, refused, refusedBy } from './outcome.js';
import { readPassword } from './read-password.js';

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
  return withActs(clock, async ({ acts, actor }) => {
    const draft = { name, fullName: options.fullName, roles, view };
    const added = await new OfficialActs(acts).add(actor, draft, password);
    if (isProblem(added))
      return refusedBy(added, {
        view_not_allowed: `The view ${added.errors?.[0]?.detail ?? ''}. See: tax-control premises list, taxpayer list.`,
        official_exists: `There is an account ${name} already. For another password: tax-control official reset-password ${name}`,
      });
    return done({ ...draft, ...told(password) }, `Added the account ${name} (${roles.join(', ')}).${hint(password)}`);
  });
}

/** `disable`. Repeating it changes nothing and succeeds. */
export function disableOfficial(name: string, disabled: boolean, clock: Clock): Promise<Outcome> {
  return withActs(clock, async ({ acts, actor }) => {
    const changed = await new OfficialActs(acts).change(actor, name, { disabled });
    if (isProblem(changed)) return refusedBy(changed, unknownOfficial(name));
    const { endedSessions } = changed;
    return done(
      { name, disabled, endedSessions },
      disabled
        ? `Disabled the account ${name}; ${endedSessions} of its sessions ended. To undo it: tax-control official disable ${name} --undo`
        : `The account ${name} may sign in again.`,
    );
  });
}

/** `reset-password` */
export function resetOfficial(name: string, options: PasswordOptions, clock: Clock): Promise<Outcome> {
  return withActs(clock, async ({ pool, acts, actor }) => {
    // A typed password is judged by what is known of its holder, before the act.
    const account = await findAccount(pool, name);
    if (account === null) return refusedBy(problem('official_unknown'), unknownOfficial(name));
    const password = await choosePassword(account, options, clock);
    if ('done' in password) return password;
    const reset = await new OfficialActs(acts).reset(actor, name, password);
    if (isProblem(reset)) return refusedBy(reset, unknownOfficial(name));
    const { endedSessions } = reset;
    return done(
      { name, endedSessions, ...told(password) },
      `The account ${name} has another password; ${endedSessions} of its sessions ended.${hint(password)}`,
    );
  });
}

/** `end-sessions` */
export function endSessionsOfOfficial(name: string, clock: Clock): Promise<Outcome> {
  return withActs(clock, async ({ acts, actor }) => {
    const ended = await new OfficialActs(acts).endSessions(actor, name);
    if (isProblem(ended)) return refusedBy(ended, unknownOfficial(name));
    const { endedSessions } = ended;
    return done({ name, endedSessions }, `Ended ${endedSessions} sessions of ${name}.`);
  });
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

function unknownOfficial(name: string): Partial<Record<ProblemCode, string>> {
  return { official_unknown: `There is no account ${name}. See: tax-control official list` };
}
