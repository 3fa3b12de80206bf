import { type Problem, problem } from '@tax-control/protocol';
import type { DisputeDecision, SettledDispute } from '@tax-control/protocol/console';
import { settleDispute } from '../ledger/dispute-changes.js';
import type { Acts } from './act.js';
import { type Actor, nameOf } from './actor.js';

/** What operators do with disputes of codes. */
export class DisputeActs {
  constructor(private readonly acts: Acts) {}

  /**
   * Decides a dispute; both receipts stay kept. Repeating it changes nothing and succeeds.
   * @param codes 20 digits each: `code` of the receipt, `codeOnFile` against it
   * @returns not_on_file if the codes are in no dispute within the actor's view
   */
  settle(
    actor: Actor,
    { code, codeOnFile }: { readonly code: string; readonly codeOnFile: string },
    { stands, reason }: { readonly stands: DisputeDecision; readonly reason: string },
  ): Promise<SettledDispute | Problem> {
    return this.acts.perform(actor, async (sql) => {
      const premisesIds = actor.visiblePremises === 'all' ? null : actor.visiblePremises;
      const decision = { code, codeOnFile, stands, reason, settledBy: nameOf(actor), premisesIds };
      const result = await settleDispute(sql, decision);
      if (result === null) return problem('not_on_file');
      if (result.result === 'known') return { result, trail: [] };
      const { terminalId: subject } = result.dispute;
      return { result, trail: [{ action: 'dispute.settled', subject, reason, facts: { code, codeOnFile, stands } }] };
    });
  }
}
