import { BriefCache } from './brief-cache.js';
import type { Sql } from './sql.js';

/**
 * How long the list of premises is believed. New premises show in reports after this time; who may see what is decided
 * elsewhere and at once.
 */
export const PREMISES_AGE_MS_MAX = 2_000;

/** Where premises stand and whose they are. */
export interface PremisesPlace {
  readonly premisesId: string;
  readonly region: string;
  readonly taxpayerId: string;
}

/** All premises, at most {@link PREMISES_AGE_MS_MAX} old. A country has some 100,000, 200 bytes each. Outages come as the driver's errors. */
export class PremisesDirectory {
  private readonly places: BriefCache<'all', readonly PremisesPlace[]>;

  constructor(
    private readonly sql: Sql,
    now: () => number = () => performance.now(),
  ) {
    this.places = new BriefCache(() => this.read(), { ageMsMax: PREMISES_AGE_MS_MAX, entriesMax: 1, now });
  }

  all(): Promise<readonly PremisesPlace[]> {
    return this.places.get('all');
  }

  /** As they are now. */
  refresh(): Promise<readonly PremisesPlace[]> {
    return this.places.refresh('all');
  }

  /** Of the terminals named, those that are registered, with the premises in which they stand for life. */
  async ofTerminals(terminalIds: readonly string[]): Promise<readonly { terminalId: string; premisesId: string }[]> {
    const { rows } = await this.sql.query<{ terminalId: string; premisesId: string }>(
      `SELECT terminal_id AS "terminalId", premises_id AS "premisesId" FROM terminal WHERE terminal_id = ANY($1::text[])`,
      [terminalIds],
    );
    return rows;
  }

  private async read(): Promise<readonly PremisesPlace[]> {
    const { rows } = await this.sql.query<{ premisesId: string; region: string; taxpayerId: string }>(
      `SELECT premises_id AS "premisesId", region, taxpayer_id AS "taxpayerId" FROM premises ORDER BY premises_id`,
    );
    return rows;
  }
}
