import type { Pool } from 'pg';
import type { Clock } from '@tax-control/protocol';
import type { Settings } from '../../configuration/settings.js';
import type { KeyRing } from '../../keys/key-ring.js';

/**
 * What one look found.
 *
 * - `ok`: as it should be
 * - `warning`: the server works, and something is to be done in the next days
 * - `failed`: the server does not start, does not issue, or may lose what it confirmed
 * - `skipped`: could not be looked at; `seen` says why
 */
export type FindingStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/** @property seen what was seen, one sentence; never a secret, never the value of a setting that breaks its rule */
export type Finding =
  | { readonly status: 'ok' | 'skipped'; readonly seen: string }
  /** `advice`: what to do about it, with the command where there is one. */
  | { readonly status: 'warning' | 'failed'; readonly seen: string; readonly advice: string };

/** What checks look at; a part that could not be had is left out, and the checks that need it are skipped. */
export interface Parts {
  /** All settings of a server. */
  readonly settings: Settings;
  /** A session under the log-in that DATABASE_URL names; the database answered a moment ago. */
  readonly database: Pool;
  /** The keys as the server would load them. */
  readonly keys: KeyRing;
}

/** What was asked for on the command line. */
export interface Asked {
  /** This machine's clock. */
  readonly clock: Clock;
  /** Where the database keeps its data, if it is on this machine and somebody said so. */
  readonly databaseDirectory: string | null;
}

/** One check of `tax-control doctor`. */
export interface Check {
  /** Stable, kebab-case: scripts and docs/operating/doctor.md name it. */
  readonly name: string;
  look(parts: Partial<Parts> & Asked): Promise<readonly Finding[]>;
}

/** @property look may throw what the database throws; the doctor tells that as a finding */
interface CheckDescription<Needed extends keyof Parts> {
  readonly name: string;
  readonly needs: readonly Needed[];
  readonly look: (
    parts: Partial<Parts> & Pick<Parts, Needed> & Asked,
  ) => Promise<readonly Finding[]> | readonly Finding[];
}

/** Makes a check that is skipped where a part that it needs is not there. */
export function check<Needed extends keyof Parts = never>(description: CheckDescription<Needed>): Check {
  const { name, needs, look } = description;
  return {
    name,
    look: async (parts) => (hasAll(parts, needs) ? look(parts) : [skipped(needs.filter((need) => !(need in parts)))]),
  };
}

function hasAll<Needed extends keyof Parts>(
  parts: Partial<Parts> & Asked,
  needs: readonly Needed[],
): parts is Partial<Parts> & Asked & Pick<Parts, Needed> {
  return needs.every((need) => parts[need] !== undefined);
}

const WHY_MISSING: Readonly<Record<keyof Parts, string>> = {
  settings: 'the settings are not valid',
  database: 'the database did not answer',
  keys: 'the keys cannot be loaded',
};

function skipped(missing: readonly (keyof Parts)[]): Finding {
  return {
    status: 'skipped',
    seen: `Not looked at, because ${missing.map((part) => WHY_MISSING[part]).join(' and ')}.`,
  };
}

/** As it should be. */
export function ok(seen: string): Finding {
  return { status: 'ok', seen };
}

/** Works for the moment; `advice` says what to do in the next days. */
export function warning(seen: string, advice: string): Finding {
  return { status: 'warning', seen, advice };
}

/** The server would not start, not issue, or might lose something. */
export function failed(seen: string, advice: string): Finding {
  return { status: 'failed', seen, advice };
}
