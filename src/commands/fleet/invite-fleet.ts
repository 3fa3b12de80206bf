import { type Clock, isProblem } from '@tax-control/protocol';
import { TerminalActs } from '../../administration/terminals.js';
import { findInvitable, type Invitable, type InvitableTerminals } from '../../registry/fleet.js';
import { withActs } from '../acts.js';
import { type InvitationOptions, NO_ADDRESSES, readInvitationOrder } from '../invitation-terms.js';
import { fillInvitationsFile, findObstacle } from '../invitations-file.js';
import { done, misused, type Outcome, refused, refusedBy } from '../outcome.js';
import { INVITATIONS_OPTION, invitationsCsv } from './invitations-csv.js';
import { tellProgress } from './progress.js';

export interface InviteManyOptions extends InvitationOptions {
  readonly invitations?: string;
  readonly for?: Invitable;
  readonly taxpayer?: string;
  readonly premises?: string;
  readonly region?: string;
  readonly dryRun?: boolean;
}

/**
 * `terminal invite-many`: a new invitation for each till that the options name; open ones end. All of them or none, and on disk before the
 * commit.
 */
export async function inviteMany(options: InviteManyOptions, clock: Clock): Promise<Outcome> {
  const { invitations: out, dryRun = false } = options;
  if (out === undefined && !dryRun)
    return misused('Name the file for the invitations with --invitations, or try it out with --dry-run.');
  const order = readInvitationOrder(options);
  if ('done' in order) return order;
  const blocked = out === undefined ? null : await findObstacle(out, INVITATIONS_OPTION);
  if (blocked !== null) return refused(blocked);
  const criteria: InvitableTerminals = {
    which: options.for ?? 'unenrolled',
    taxpayerId: options.taxpayer ?? null,
    premisesId: options.premises ?? null,
    region: options.region ?? null,
  };
  return withActs(clock, async ({ pool, actor, acts }) => {
    const found = (await findInvitable(pool, criteria)).length;
    if (found === 0) return done({ invited: 0, file: null }, 'No till fits, so no invitation was made.');
    if (dryRun || out === undefined)
      return done({ wouldInvite: found, file: null }, `${tills(found)} would be invited anew. Nothing was done.`);
    const progress = tellProgress('Invited', found);
    const made = await fillInvitationsFile(
      { path: out, option: INVITATIONS_OPTION },
      (fill) =>
        new TerminalActs(acts, clock).inviteMany(actor, criteria, {
          ...order,
          progress,
          handOver: (all) => fill(invitationsCsv(all)),
        }),
      `The database did not confirm the change, so the invitations in ${out} may be good. See one of its tills: ` +
        'tax-control terminal show ID. If it has no new invitation, remove the file and begin again.',
    );
    if (isProblem(made)) return refusedBy(made, { parameters_missing: NO_ADDRESSES });
    if ('done' in made) return made;
    const invited = made.length;
    return done(
      { invited, file: out },
      `Invited ${tills(invited)} anew; their open invitations ended.\nThe new ones are in ${out}, which only its owner can read. ` +
        'Each is worth a certificate: hand each to its shop over a channel that you trust, then remove the file.',
    );
  });
}

function tills(count: number): string {
  return `${count} ${count === 1 ? 'till' : 'tills'}`;
}
