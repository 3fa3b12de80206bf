import { isDeepStrictEqual } from 'node:util';
import type { PoolClient } from 'pg';
import { type Fault, type Problem, problem, type TaxRate } from '@tax-control/protocol';
import type { AuditFacts } from '../audit-trail/audited-act.js';
import { readNewestVersion, type VersionOfSettings } from '../registry/parameters-store.js';
import { addTaxRate, publishSettings, removeTaxRate } from '../registry/till-rule-changes.js';
import { unknownPremises } from '../registry/taxpayers.js';
import { checkTillSettings, TillSettings } from '../registry/till-settings.js';
import { pointerOf, wireSettings } from '../registry/wire-settings.js';
import type { Acts } from './act.js';
import type { Actor } from './actor.js';

/** The newest version. `isNew` false: nothing was different, so it is the one from before. */
export interface Published {
  readonly newest: VersionOfSettings;
  readonly isNew: boolean;
}

/** What operators decide for all tills: only an actor who sees the whole country may. Others are refused: view_too_narrow. */
export class TillRuleActs {
  constructor(private readonly acts: Acts) {}

  /**
   * Publishes settings as a new version of the parameters, if anything is different.
   * @param change gets a copy of the present settings, or the defaults where there are none
   * @param faults what the door could not read; told with what the rules say
   * @returns invalid_request with a fault for each setting that breaks its rule
   */
  publish(
    actor: Actor,
    change: (present: TillSettings) => TillSettings,
    faults: readonly Fault[] = [],
  ): Promise<Published | Problem> {
    return this.acts.perform(actor, async (sql) => {
      if (actor.view.kind !== 'all') return problem('view_too_narrow');
      const errors = [...faults];
      let before = new TillSettings();
      const published = await publishSettings(sql, async (present) => {
        before = Object.assign(new TillSettings(), present);
        const settings = change(present);
        errors.push(...(await faultsOf(sql, settings, before)));
        return errors.length === 0 ? settings : null;
      });
      if (published === null) return problem('invalid_request', { errors });
      const newest = await readNewestVersion(sql);
      if (newest === null) return problem('parameters_missing');
      const changes = differences(wireSettings(before), wireSettings(newest.settings));
      const subject = String(newest.version);
      return {
        result: { newest, isNew: published.isNew },
        trail: published.isNew ? [{ action: 'parameters.published', subject, facts: { changes } }] : [],
      };
    });
  }

  /**
   * Adds a tax rate; an open rate of its category ends the day before.
   * @returns period_backwards or rate_in_the_way
   */
  addRate(actor: Actor, rate: TaxRate): Promise<AuditFacts['tax_rate.added'] | Problem> {
    return this.acts.perform(actor, async (sql) => {
      if (actor.view.kind !== 'all') return problem('view_too_narrow');
      if (rate.until !== null && rate.until < rate.from) return problem('period_backwards');
      const fit = await addTaxRate(sql, rate);
      if (!fit.fits)
        return problem('rate_in_the_way', {
          detail: `The rate ${rateInWords(fit.inTheWay)} is in the way: choose days outside of it.`,
        });
      const facts = { taxRate: fit.rate, ended: fit.ended, version: fit.version };
      return { result: facts, trail: [{ action: 'tax_rate.added', subject: rate.category, facts }] };
    });
  }

  /**
   * Takes back a rate that no till can have applied yet; the rate before it goes on.
   * @param from first day of the rate
   * @returns not_on_file or rate_in_force
   */
  removeRate(actor: Actor, category: string, from: string): Promise<AuditFacts['tax_rate.removed'] | Problem> {
    return this.acts.perform(actor, async (sql) => {
      if (actor.view.kind !== 'all') return problem('view_too_narrow');
      const removal = await removeTaxRate(sql, category, from);
      if (removal.result === 'unknown') return problem('not_on_file');
      if (removal.result === 'in_force') return problem('rate_in_force');
      const facts = { taxRate: removal.removed, reopened: removal.reopened, version: removal.version };
      return { result: facts, trail: [{ action: 'tax_rate.removed', subject: category, facts }] };
    });
  }
}

/** A rate and its days, for people. */
export function rateInWords({ category, rate, from, until }: TaxRate): string {
  return `${category} ${rate} % from ${from}${until === null ? '' : ` until ${until}`}`;
}

/** Every rule that settings break. Premises may have kept a zone that are not registered; they get no other one. */
async function faultsOf(sql: PoolClient, settings: TillSettings, before: TillSettings): Promise<Fault[]> {
  const faults = checkTillSettings(settings).map(({ setting, rule }) => ({
    pointer: pointerOf(setting),
    detail: rule,
  }));
  const pointer = pointerOf('premisesTimeZones');
  if (faults.some((fault) => fault.pointer === pointer)) return faults;
  const fresh = Object.entries(settings.premisesTimeZones).filter(
    ([premisesId, zone]) => before.premisesTimeZones[premisesId] !== zone,
  );
  const unknown = await unknownPremises(
    sql,
    fresh.map(([premisesId]) => premisesId),
  );
  if (unknown.length === 0) return faults;
  return [...faults, { pointer, detail: `must be registered premises: ${unknown.join(', ')}` }];
}

/** The new values of what is different, null for what is gone; of objects only the members that are different. */
function differences(before: object, after: object): Record<string, unknown> {
  const old = new Map<string, unknown>(Object.entries(before));
  const now = new Map<string, unknown>(Object.entries(after));
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter(
    (name) => !isDeepStrictEqual(old.get(name), now.get(name)),
  );
  return Object.fromEntries(changed.map((name) => [name, difference(old.get(name), now.get(name) ?? null)]));
}

function difference(before: unknown, after: unknown): unknown {
  return isMembers(before) && isMembers(after) ? differences(before, after) : after;
}

function isMembers(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
