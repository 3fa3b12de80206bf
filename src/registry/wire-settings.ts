import type { ParametersSettings } from '@tax-control/protocol/console';
import type { TillSettings } from './till-settings.js';

/** Members of `offlineLimits` in the console's words, and the settings that they are. All other settings have the same name in both. */
export const LIMIT_OF = {
  hoursMax: 'offlineHoursMax',
  invoicesMax: 'offlineInvoicesMax',
  salesMax: 'offlineSalesMax',
  atLimit: 'offlineAtLimit',
} as const satisfies Record<keyof ParametersSettings['offlineLimits'], keyof TillSettings>;

/** Where a setting stands in {@link ParametersSettings}: a JSON Pointer. */
export function pointerOf(setting: string): string {
  const limit = Object.entries(LIMIT_OF).find(([, name]) => name === setting);
  return limit === undefined ? `/${setting}` : `/offlineLimits/${limit[0]}`;
}

/** Settings in the console's words. */
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
