import { Inject, Injectable } from '@nestjs/common';
import type { Pool } from 'pg';
import type { Filter, Incident, IncidentPage, Page, PageQuery, ReportQuery } from '@tax-control/protocol/console';
import { Clock } from '@tax-control/protocol';
import { REPORTS_POOL } from '../../database/database.module.js';
import { groupOf } from '../statistics/causes.js';
import type { View } from '../statistics/scope.js';
import { describeIncident, describePage } from './describe-incident.js';
import type { Places } from './failure.js';
import { readInUse, readIntervals, readPlaces } from './failure-store.js';
import { groupFailures, type IncidentGroup, quartersInDoubt, startOfId } from './group-failures.js';
import { NO_IMPACT, readImpacts } from './impact-store.js';
import { matchOutage } from './match-outage.js';
import { quarterOf } from './rule.js';
import { listOutages } from './planned-outage-store.js';

/** The incidents of a period, computed from what the official may see and nothing else. */
export interface SeenIncidents {
  readonly groups: readonly IncidentGroup[];
  readonly places: Places;
}

/** Failures of several terminals, grouped and named (docs/incidents.md). */
@Injectable()
export class Incidents {
  constructor(
    @Inject(REPORTS_POOL) private readonly pool: Pool,
    private readonly clock: Clock,
  ) {}

  /**
   * Incidents that overlap the period, the newest first. They are grouped from all that the official may see; the filter chooses
   * among them, and one is shown whole where any of its terminals fits.
   */
  async list({ period, filter }: ReportQuery, { page, pageSize }: PageQuery, view: View): Promise<Page<Incident>> {
    const [fromMs, toMs] = [Date.parse(period.from), Date.parse(period.to)];
    const { groups, places } = await this.groups(fromMs, toMs, view);
    const chosen = groups.filter((group) => isWanted(group, filter, places)).toReversed();
    const shown = chosen.slice((page - 1) * pageSize, page * pageSize);
    return {
      items: await this.#describe(shown, places, view),
      page,
      pageSize,
      more: page * pageSize < chosen.length,
      total: chosen.length,
    };
  }

  /** One incident with all its terminals; null when the official sees none of this id. */
  async page(incidentId: string, view: View): Promise<IncidentPage | null> {
    const start = startOfId(incidentId);
    if (start === null) return null;
    const named = ({ incidentId: id }: IncidentGroup): boolean => id === incidentId;
    const quarters = [quarterOf(start)];
    const first = (await this.groups(start, start + 1, view, quarters)).groups.find(named);
    if (first === undefined) return null;
    // Tills that noticed late are known when it is known how long it lasted.
    const { groups, places } = await this.groups(start, (first.end ?? this.clock.now()) + 1, view, quarters);
    const group = groups.find(named) ?? first;
    const [incident] = await this.#describe([group], places, view);
    const impacts = await readImpacts(
      this.pool,
      group.members.map((member) => [member]),
      this.clock.now(),
    );
    return incident === undefined ? null : describePage(incident, group, impacts, places);
  }

  /**
   * @param fromMs inclusive, @param toMs exclusive; by beginning
   * @param quarters for which it is to be counted who was in use, beside those that the rule needs
   */
  async groups(fromMs: number, toMs: number, view: View, quarters: readonly number[] = []): Promise<SeenIncidents> {
    const [places, intervals] = await Promise.all([
      readPlaces(this.pool, view),
      readIntervals(this.pool, view, fromMs, toMs),
    ]);
    const counted = [...new Set([...quartersInDoubt(intervals, places), ...quarters])];
    const inUse = await readInUse(this.pool, view, counted);
    const groups = groupFailures(intervals, places, inUse, this.clock.now());
    return {
      places,
      groups: groups.filter(({ start, end }) => start < toMs && (end ?? Number.POSITIVE_INFINITY) >= fromMs),
    };
  }

  async #describe(groups: readonly IncidentGroup[], places: Places, view: View): Promise<readonly Incident[]> {
    if (groups.length === 0) return [];
    const now = this.clock.now();
    const starts = groups.map(({ start }) => start);
    const span = { fromMs: Math.min(...starts), toMs: Math.max(...starts) + OUTAGE_SLACK_MS };
    const [impacts, outages] = await Promise.all([
      readImpacts(
        this.pool,
        groups.map(({ members }) => members),
        now,
      ),
      listOutages(this.pool, view, span),
    ]);
    return groups.map((group, index) =>
      describeIncident(group, impacts[index] ?? NO_IMPACT, places, matchOutage(group, outages, places)),
    );
  }
}

/** Tills may stumble before a declared outage begins. */
const OUTAGE_SLACK_MS = 3_600_000;

function isWanted({ members, cause }: IncidentGroup, filter: Filter, places: Places): boolean {
  const { regions, taxpayerIds, premisesIds, terminalIds, causes, causeGroups } = filter;
  const fits = (values: readonly string[] | undefined, value: string): boolean =>
    values === undefined || values.includes(value);
  if (!fits(causes, cause)) return false;
  if (causeGroups !== undefined && !causeGroups.includes(groupOf(cause))) return false;
  return members.some(({ terminalId }) => {
    const place = places.get(terminalId);
    return (
      place !== undefined &&
      fits(terminalIds, terminalId) &&
      fits(premisesIds, place.premisesId) &&
      fits(taxpayerIds, place.taxpayerId) &&
      fits(regions, place.region)
    );
  });
}
