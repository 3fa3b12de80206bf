import { type Problem, problem } from '@tax-control/protocol';
import { sees } from '../officials/view.js';
import { type Premises, type PremisesDetails, type Taxpayer } from '../registry/taxpayers.js';
import { addPremises, addTaxpayer, correctPremises, renameTaxpayer } from '../registry/shop-changes.js';
import type { Acts } from './act.js';
import type { Actor } from './actor.js';

/** What operators do with taxpayers and their premises, within their view. */
export class ShopActs {
  constructor(private readonly acts: Acts) {}

  /**
   * A taxpayer belongs to no region, so only an actor who sees the whole country adds one.
   * @returns view_too_narrow or exists_already
   */
  addTaxpayer(actor: Actor, taxpayer: Taxpayer): Promise<Taxpayer | Problem> {
    const { taxpayerId, name } = taxpayer;
    return this.acts.perform(actor, async (sql) => {
      if (actor.view.kind !== 'all') return problem('view_too_narrow');
      if ((await addTaxpayer(sql, taxpayer)) === 'exists') return problem('exists_already');
      return { result: taxpayer, trail: [{ action: 'taxpayer.added', subject: taxpayerId, facts: { name } }] };
    });
  }

  /**
   * Gives a taxpayer another name. Repeating it changes nothing and succeeds.
   * @returns view_too_narrow or not_on_file
   */
  renameTaxpayer(actor: Actor, taxpayer: Taxpayer): Promise<Taxpayer | Problem> {
    const { taxpayerId, name } = taxpayer;
    return this.acts.perform(actor, async (sql) => {
      if (actor.view.kind !== 'all') return problem('view_too_narrow');
      const renamed = await renameTaxpayer(sql, taxpayer);
      if (renamed === 'unknown') return problem('not_on_file');
      const isChanged = renamed === 'changed';
      return {
        result: taxpayer,
        trail: isChanged ? [{ action: 'taxpayer.changed', subject: taxpayerId, facts: { name } }] : [],
      };
    });
  }

  /** @returns view_too_narrow, taxpayer_unknown or exists_already */
  addPremises(actor: Actor, premises: Premises): Promise<Premises | Problem> {
    return this.acts.perform(actor, async (sql) => {
      if (!maySettle(actor, premises)) return problem('view_too_narrow');
      const added = await addPremises(sql, premises);
      if (added === 'taxpayer_unknown') return problem('taxpayer_unknown');
      if (added === 'exists') return problem('exists_already');
      const { premisesId: subject, ...facts } = premises;
      return { result: premises, trail: [{ action: 'premises.added', subject, facts }] };
    });
  }

  /**
   * Corrects what is known of premises; members that are left out stay. Repeating it changes nothing and succeeds.
   * @returns not_on_file, or view_too_narrow for a region outside of the actor's view
   */
  correctPremises(
    actor: Actor,
    premisesId: string,
    change: Partial<PremisesDetails>,
  ): Promise<PremisesDetails | Problem> {
    return this.acts.perform(actor, async (sql) => {
      if (!sees(actor.visiblePremises, premisesId)) return problem('not_on_file');
      const { view } = actor;
      if (view.kind === 'regions' && change.region !== undefined && !view.regions.includes(change.region))
        return problem('view_too_narrow');
      const corrected = await correctPremises(sql, premisesId, change);
      if (corrected.result === 'unknown') return problem('not_on_file');
      const { details } = corrected;
      const isChanged = corrected.result === 'changed';
      return {
        result: details,
        trail: isChanged ? [{ action: 'premises.changed', subject: premisesId, facts: details }] : [],
      };
    });
  }
}

/** Whether new premises are within an actor's view. */
function maySettle({ view }: Actor, { region, taxpayerId }: Premises): boolean {
  if (view.kind === 'all') return true;
  return view.kind === 'regions' ? view.regions.includes(region) : view.taxpayerIds.includes(taxpayerId);
}
