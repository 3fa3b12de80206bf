import type { Fault } from '@tax-control/protocol';
import { TillSettings } from '../../registry/till-settings.js';
import { LIMIT_OF } from '../../registry/wire-settings.js';
import type { ParametersBody } from './registry-bodies.js';

/** The present settings as a body changes them; what it does not name stays. */
export function changedSettings(
  present: TillSettings,
  { offlineLimits = {}, ...settings }: ParametersBody,
): TillSettings {
  const changed = Object.assign(new TillSettings(), present);
  for (const [setting, value] of Object.entries(settings))
    if (value !== undefined) Reflect.set(changed, setting, value);
  for (const [member, value] of Object.entries(offlineLimits ?? {}))
    if (isLimit(member)) Reflect.set(changed, LIMIT_OF[member], value);
  return changed;
}

/** What of the limits of a body cannot be read. All else is for the rules of the settings. */
export function faultsOfLimits({ offlineLimits = {} }: ParametersBody): Fault[] {
  if (typeof offlineLimits !== 'object' || offlineLimits === null)
    return [{ pointer: '/offlineLimits', detail: 'must be an object' }];
  const unknown = Object.keys(offlineLimits).filter((member) => !isLimit(member));
  return unknown.map((member) => ({ pointer: `/offlineLimits/${member}`, detail: 'is not known' }));
}

function isLimit(member: string): member is keyof typeof LIMIT_OF {
  return Object.hasOwn(LIMIT_OF, member);
}
