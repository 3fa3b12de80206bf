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
}

export interface ParametersVersion {
  readonly version: number;
  readonly publishedAt: string;
  readonly settings: ParametersSettings;
}

/** `GET /v1/console/parameters`, newest first. */
export interface ParametersHistory {
  readonly current: ParametersVersion | null;
  readonly versions: readonly ParametersVersion[];
}

/** `GET /v1/console/tax-rates`; `removable` while no till anywhere can have applied it. */
export interface TaxRateRow extends TaxRate {
  readonly createdAt: string;
  readonly removable: boolean;
}

export type TaxRateDraft = TaxRate;
