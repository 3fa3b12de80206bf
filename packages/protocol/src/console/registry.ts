import type { CashRoundingRules } from '../invoice/cash-rounding.js';
import type { OfflineLimits, TaxRate } from '../parameters/parameters.js';
import type { TerminalStatusName } from './terminals.js';

export interface TaxpayerRow {
  readonly taxpayerId: string;
  readonly name: string;
  readonly createdAt: string;
  readonly premises: number;
  readonly terminals: number;
}

export interface PremisesRow {
  readonly premisesId: string;
  readonly taxpayerId: string;
  readonly taxpayerName: string;
  readonly name: string;
  readonly region: string;
  readonly activity: string;
  readonly address: string;
  /** IANA name, by the parameters in force; null: its tills go by their computers' zone. */
  readonly timeZone: string | null;
  readonly createdAt: string;
  readonly terminals: number;
}

/** `GET /v1/console/regions`: what the official may pick in filters. */
export interface RegionRow {
  readonly region: string;
  readonly premises: number;
}

export type TaxpayerDraft = Pick<TaxpayerRow, 'taxpayerId' | 'name'>;
export type PremisesDraft = Pick<PremisesRow, 'premisesId' | 'taxpayerId' | 'name' | 'region' | 'activity' | 'address'>;

/** `POST /v1/console/terminals`. */
export interface TerminalDraft {
  readonly terminalId: string;
  readonly premisesId: string;
}

/** Answer to registering a terminal and to `POST …/terminals/:terminalId/invitations`: shown once, stored nowhere. */
export interface InvitationShown {
  readonly terminalId: string;
  readonly invitation: string;
  readonly expiresAt: string;
}

/** `POST /v1/console/terminals/:terminalId/status`. Revoking is for ever. */
export interface StatusChange {
  readonly status: TerminalStatusName;
  readonly reason: string;
}

/** Settings that operators publish; keys, rates, environment and time are the server's own part of the document. */
export interface ParametersSettings {
  readonly threshold: number;
  readonly offlineLimits: OfflineLimits;
  readonly deadlineMs: number;
  readonly suspendedMaySell: boolean;
  readonly addresses: readonly string[];
  readonly verificationUrl: string;
  /** IANA name; null: tills go by their computers' zone. */
  readonly timeZone: string | null;
  /** IANA names of premises in another zone, by their ids; published as a whole. */
  readonly premisesTimeZones: Readonly<Record<string, string>>;
  /** Largest sum of cash rounding in the smallest unit by currency, where it is not the customary one; published as a whole. */
  readonly cashRoundingMax: CashRoundingRules;
}

export interface ParametersVersion {
  readonly version: number;
  readonly publishedAt: string;
  readonly settings: ParametersSettings;
}

/** A version in the list of them: zones by premises are counted, because there may be thousands in each version. */
export interface ListedParameters extends Omit<ParametersVersion, 'settings'> {
  readonly settings: Omit<ParametersSettings, 'premisesTimeZones'> & { readonly premisesInOtherZones: number };
}

/** `GET /v1/console/parameters`, newest first. The zones of premises that the official does not see are left out of `current`. */
export interface ParametersHistory {
  readonly current: ParametersVersion | null;
  readonly versions: readonly ListedParameters[];
}

/** `GET /v1/console/tax-rates`; `removable` while no till anywhere can have applied it. */
export interface TaxRateRow extends TaxRate {
  readonly createdAt: string;
  readonly removable: boolean;
}

export type TaxRateDraft = TaxRate;
