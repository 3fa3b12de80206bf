import { inTransaction } from '../../database/transaction.js';
import { placeHold, releaseHold } from '../../registry/legal-holds.js';
import { withDatabase } from '../operator-database.js';
import { done, type Outcome, refused } from '../outcome.js';
import { recordCommand } from '../record-command.js';

/** `retention hold` */
export function hold(taxpayerId: string, reason: string): Promise<Outcome> {
  return withDatabase((pool) =>
    inTransaction(pool, async (client) => {
      // A removal under way is waited for, however long it takes: nobody may believe in a hold that is not in force.
      await client.query('SET LOCAL statement_timeout = 0');
      const placed = await placeHold(client, taxpayerId, reason);
      if (placed === 'taxpayer_unknown')
        return refused(`There is no taxpayer ${taxpayerId}. See: tax-control taxpayer list`);
      const { holdId } = placed;
      await recordCommand(client, { action: 'hold.placed', subject: taxpayerId, reason, facts: { holdId } });
      return done(
        placed,
        `Hold ${holdId} is in force: nothing of the taxpayer ${taxpayerId} is removed until it is released.`,
      );
    }),
  );
}

/** `retention release`. Repeating it changes nothing and succeeds. */
export function release(holdId: number, reason: string): Promise<Outcome> {
  return withDatabase((pool) =>
    inTransaction(pool, async (client) => {
      const change = await releaseHold(client, holdId, reason);
      if (change.result === 'unknown') return refused(`There is no hold ${holdId}. See: tax-control retention list`);
      const { taxpayerId } = change.hold;
      if (change.result === 'unchanged')
        return done(change.hold, `Hold ${holdId} of the taxpayer ${taxpayerId} was released before.`);
      await recordCommand(client, {
        action: 'hold.released',
        subject: taxpayerId,
        reason,
        facts: { holdId: change.hold.holdId },
      });
      return done(change.hold, `Hold ${holdId} of the taxpayer ${taxpayerId} is released.`);
    }),
  );
}
