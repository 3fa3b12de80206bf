import { isDeepStrictEqual } from 'node:util';
import { type Fault, type Problem, problem } from '@tax-control/protocol';
import type { ParametersSettings } from '@tax-control/protocol/console';
import { checkTillSettings, TillSettings } from '../../registry/till-settings.js';
import type { ParametersBody } from './registry-bodies.js';

/** Members of the document and the settings that they are. */
const SETTING_OF = {
  addresses: 'addresses',
  verificationUrl: 'verificationUrl',
  threshold: 'threshold',
  deadlineMs: 'deadlineMs',
  suspendedMaySell: 'suspendedMaySell',
  timeZone: 'timeZone',
  premisesTimeZones: 'premisesTimeZones',
  cashRoundingMax: 'cashRoundingMax',
} as const satisfies Partial<Record<keyof ParametersBody, keyof TillSettings>>;

const LIMIT_OF = {
  hoursMax: 'offlineHoursMax',
  invoicesMax: 'offlineInvoicesMax',
  salesMax: 'offlineSalesMax',
  atLimit: 'offlineAtLimit',
} as const;

const POINTERS = new Map<string, string>([
  ...Object.entries(SETTING_OF).map(([member, setting]) => [setting, `/${member}`] as const),
  ...Object.entries(LIMIT_OF).map(([member, setting]) => [setting, `/offlineLimits/${member}`] as const),
]);

export type SettingsReading =
  { readonly ok: true; readonly settings: TillSettings } | { readonly ok: false; readonly problem: Problem };

/**
 * The present settings as a body changes them; or every rule that they would break.
 * @param unknown premises of the body that are not registered
 */
export function changedSettings(
  present: TillSettings,
  body: ParametersBody,
  unknown: readonly string[],
): SettingsReading {
  const changed = Object.assign(new TillSettings(), present);
  for (const [member, setting] of Object.entries(SETTING_OF) as [keyof typeof SETTING_OF, keyof TillSettings][])
    if (body[member] !== undefined) Reflect.set(changed, setting, body[member]);
  const faults: Fault[] = [];
  if (body.offlineLimits !== undefined) faults.push(...changeLimits(changed, body.offlineLimits));
  if (unknown.length > 0)
    faults.push({ pointer: '/premisesTimeZones', detail: `must be registered premises: ${unknown.join(', ')}` });
  for (const { setting, rule } of checkTillSettings(changed))
    faults.push({ pointer: POINTERS.get(setting) ?? '', detail: rule });
  if (faults.length > 0) return { ok: false, problem: problem('invalid_request', { errors: faults }) };
  return { ok: true, settings: changed };
}

function changeLimits(changed: TillSettings, limits: unknown): Fault[] {
  if (typeof limits !== 'object' || limits === null)
    return [{ pointer: '/offlineLimits', detail: 'must be an object' }];
  const faults: Fault[] = [];
  for (const [member, value] of Object.entries(limits))
    if (Object.hasOwn(LIMIT_OF, member)) Reflect.set(changed, LIMIT_OF[member as keyof typeof LIMIT_OF], value);
    else faults.push({ pointer: `/offlineLimits/${member}`, detail: 'is not known' });
  return faults;
}

/** Premises that a body names, by id; none where it names them in no way that could be taken. */
export function premisesOfBody({ premisesTimeZones: zones }: ParametersBody): string[] {
  return typeof zones === 'object' && zones !== null ? Object.keys(zones) : [];
}

/** What of a body is not so already. */
export function differencesOf(body: ParametersBody, present: ParametersSettings): Record<string, unknown> {
  const differs = ([member, value]: [string, unknown]): boolean =>
    !isDeepStrictEqual(value, present[member as keyof ParametersSettings]);
  return Object.fromEntries(Object.entries(body).filter(differs));
}

/** Settings as the console's words have them. */
export function wireSettings(settings: TillSettings): ParametersSettings {
  return {
    addresses: settings.addresses,
    verificationUrl: settings.verificationUrl,
    threshold: settings.threshold,
    deadlineMs: settings.deadlineMs,
    suspendedMaySell: settings.suspendedMaySell,
    timeZone: settings.timeZone,
    premisesTimeZones: settings.premisesTimeZones,
    cashRoundingMax: settings.cashRoundingMax,
    offlineLimits: {
      hoursMax: settings.offlineHoursMax,
      invoicesMax: settings.offlineInvoicesMax,
      salesMax: settings.offlineSalesMax,
      atLimit: settings.offlineAtLimit,
    },
  };
}
