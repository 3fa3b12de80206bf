import { randomBytes } from 'node:crypto';
import { type Clock, isProblem, type Problem, type ProblemCode } from '@tax-control/protocol';
import { type InvitationOrder, type MadeInvitation, TerminalActs } from '../administration/terminals.js';
import { type Acting, withActs } from './acts.js';
import { type InvitationOptions, NO_ADDRESSES, readInvitationOrder } from './invitation-terms.js';
import { fillInvitationsFile, findObstacle } from './invitations-file.js';
import { done, type Outcome, refused, refusedBy } from './outcome.js';
import { noTerminal } from './terminal-actions.js';

/** Bytes of a made terminal id: forty bits, where a country has 20,000 tills; a repeated one is refused, not given twice. */
const MADE_ID_BYTES = 5;

/** @property out a new file for the invitation; left out: it is printed, with what to do with it */
export interface InviteOptions extends InvitationOptions {
  readonly out?: string;
}

export interface RegisterOptions extends InviteOptions {
  readonly premises: string;
}

/** `register`: the terminal and its invitation come into being together or not at all. */
export function register(
  terminalId = `T-${randomBytes(MADE_ID_BYTES).toString('hex')}`,
  { premises: premisesId, ...options }: RegisterOptions,
  clock: Clock,
): Promise<Outcome> {
  return withInvitation(
    options,
    clock,
    ({ acts, actor }, order) => new TerminalActs(acts, clock).registerOne(actor, { terminalId, premisesId }, order),
    {
      premises_unknown: `There are no premises ${premisesId}. See: tax-control premises list, and premises add.`,
      exists_already:
        `The terminal ${terminalId} is registered already. ` +
        `For a new invitation: tax-control terminal invite ${terminalId}`,
    },
  );
}

/** `invite` */
export function invite(terminalId: string, options: InviteOptions, clock: Clock): Promise<Outcome> {
  return withInvitation(
    options,
    clock,
    ({ acts, actor }, order) => new TerminalActs(acts, clock).invite(actor, terminalId, null, order),
    {
      not_on_file: noTerminal(terminalId),
      status_change_not_allowed: `The terminal ${terminalId} is revoked for ever. Register another one: tax-control terminal register`,
    },
  );
}

const FILE_OPTION = '--out';
/** As a file's name: the invitation alone is printed, for the redirection of a container's output. */
const STANDARD_OUTPUT = '-';

async function withInvitation(
  { out: destination, ...options }: InviteOptions,
  clock: Clock,
  act: (acting: Acting, order: InvitationOrder) => Promise<MadeInvitation | Problem>,
  words: Partial<Record<ProblemCode, string>>,
): Promise<Outcome> {
  const order = readInvitationOrder(options);
  if ('done' in order) return order;
  const out = destination === STANDARD_OUTPUT ? undefined : destination;
  const blocked = out === undefined ? null : await findObstacle(out, FILE_OPTION);
  if (blocked !== null) return refused(blocked);
  return withActs(clock, async (acting) => {
    const made =
      out === undefined
        ? await act(acting, order)
        : await fillInvitationsFile(
            { path: out, option: FILE_OPTION },
            (fill) =>
              act(acting, {
                ...order,
                handOver: (all) => fill(all.map(({ invitation }) => `${invitation}\n`).join('')),
              }),
            unconfirmed(out),
          );
    if (isProblem(made)) return refusedBy(made, { parameters_missing: NO_ADDRESSES, ...words });
    if ('done' in made) return made;
    const { terminalId, expiresAt, addresses, invitation } = made;
    const facts = { terminalId, expiresAt, addresses };
    if (destination === STANDARD_OUTPUT) return done({ ...facts, invitation }, invitation);
    return out === undefined ? shown(facts, invitation) : written(facts, out);
  });
}

/** What may be told of an invitation to anybody. */
type InvitationFacts = Pick<MadeInvitation, 'terminalId' | 'expiresAt' | 'addresses'>;

function shown(facts: InvitationFacts, invitation: string): Outcome {
  return done(
    { ...facts, invitation },
    `Invitation for the terminal ${facts.terminalId}, good for one enrolment until ${facts.expiresAt}:\n\n` +
      `${invitation}\n\nAt the till: tax-terminal enrol --directory DIRECTORY, which asks for it`,
  );
}

function written(facts: InvitationFacts, file: string): Outcome {
  return done(
    { ...facts, file },
    `The invitation for the terminal ${facts.terminalId} is in ${file}, which only its owner can read. ` +
      `It is good for one enrolment until ${facts.expiresAt}.\n` +
      `At the till: tax-terminal enrol --directory DIRECTORY < ${file}`,
  );
}

function unconfirmed(file: string): string {
  return (
    `The database did not confirm the change, so the invitation in ${file} may be good. See whether there is such a ` +
    'terminal with an open invitation: tax-control terminal show. If not, remove the file and repeat the command.'
  );
}
