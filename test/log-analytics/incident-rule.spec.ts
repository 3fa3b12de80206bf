import { assert, constantFrom, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FailureInterval } from '../../src/log-analytics/incidents/failure.js';
import {
  groupFailures,
  type IncidentGroup,
  quartersInDoubt,
} from '../../src/log-analytics/incidents/group-failures.js';
import { countInUse } from '../../src/log-analytics/incidents/in-use.js';
import { INCIDENT_RULE } from '../../src/log-analytics/incidents/rule.js';
import { type GeneratedDay, generateDay, intervalsOf, type OutageKind } from './generated-outages.js';

const KINDS: readonly OutageKind[] = ['terminal', 'premises', 'taxpayer', 'region', 'server', 'certificate'];
const DAY_MS = 24 * 60 * 60 * 1000;
/** A till sells every eight minutes at the latest, times 1.7: so late may it notice, and notice that it is over. */
const NOTICE_MS = 14 * 60 * 1000;
const QUIET = { blipShare: 0, ownOutageShare: 0 };
/** One attempt of two hundred fails by itself, and every tenth till has an outage of its own on the very day. */
const NOISY = { blipShare: 0.005, ownOutageShare: 0.1 };

function incidentsOf({ attempts, places }: GeneratedDay, intervals = intervalsOf(attempts)): IncidentGroup[] {
  const quarters = quartersInDoubt(intervals, places);
  const inUse = new Map(quarters.map((quarter) => [quarter, countInUse(attempts, places, quarter)]));
  const last = Math.max(...attempts.map(({ at }) => at));
  return groupFailures(intervals, places, inUse, last + DAY_MS);
}

/** The incident that names what really happened. */
function found({ outage }: GeneratedDay, incidents: readonly IncidentGroup[]): IncidentGroup | undefined {
  return incidents.find(
    ({ kind, scope, start, end }) =>
      kind === outage.kind &&
      scope.id === outage.subject &&
      Math.abs(start - outage.start) <= NOTICE_MS &&
      Math.abs((end ?? Number.POSITIVE_INFINITY) - outage.end) <= NOTICE_MS,
  );
}

describe.each(KINDS)('a generated outage: %s', (kind) => {
  it('is named right, alone, with its tills, beginning and end, where nothing else fails', () => {
    assert(
      property(integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const day = generateDay({ seed, kind, noise: QUIET });
        const incidents = incidentsOf(day);
        // Only one shop in use in a region, or one region in the fleet, would be the same tills under two names.
        expect(incidents.map(({ kind: named, scope }) => [named, scope.id])).toEqual([[kind, day.outage.subject]]);
        const [incident] = incidents;
        const hit = day.attempts.filter(({ cause }) => cause !== null).map(({ terminalId }) => terminalId);
        expect(new Set(incident?.members.map(({ terminalId }) => terminalId))).toEqual(new Set(hit));
        expect(found(day, incidents)).toBe(incident);
      }),
      { numRuns: 40 },
    );
  });

  it('is found and named right among noise: precision and recall', () => {
    let named = 0;
    let wrong = 0;
    let tills = 0;
    let tillsFound = 0;
    let tillsWrong = 0;
    const days = 60;
    for (let seed = 1; seed <= days; seed++) {
      const day = generateDay({ seed: seed * 7919, kind, noise: NOISY });
      const incidents = incidentsOf(day);
      const right = found(day, incidents);
      if (right !== undefined) named += 1;
      // Another wide name for what was not there; single tills with an outage of their own are there by construction.
      wrong += incidents.filter((incident) => incident !== right && incident.kind !== 'terminal').length;
      const members = new Set(right?.members.map(({ terminalId }) => terminalId));
      tills += day.outage.terminals.size;
      const trueMembers = [...members].filter((terminalId) => day.outage.terminals.has(terminalId)).length;
      tillsFound += trueMembers;
      tillsWrong += members.size - trueMembers;
    }
    const recall = named / days;
    const precision = named / (named + wrong);
    const figures = {
      recall,
      precision,
      tillRecall: tillsFound / tills,
      tillPrecision: tillsFound / (tillsFound + tillsWrong),
    };
    if (process.env['SHOW_FIGURES'] !== undefined) process.stderr.write(`${kind} ${JSON.stringify(figures)}\n`);
    expect(figures.recall).toBeGreaterThanOrEqual(0.95);
    expect(figures.precision).toBeGreaterThanOrEqual(0.95);
    expect(figures.tillRecall).toBeGreaterThanOrEqual(0.9);
    expect(figures.tillPrecision).toBeGreaterThanOrEqual(0.95);
  });
});

describe('the rule', () => {
  it('does not depend on the order in which failures come', () => {
    assert(
      property(integer({ min: 0, max: 2 ** 31 }), constantFrom(...KINDS), (seed, kind) => {
        const day = generateDay({ seed, kind, noise: NOISY });
        const intervals = intervalsOf(day.attempts);
        expect(incidentsOf(day, intervals.toReversed())).toEqual(incidentsOf(day, intervals));
      }),
      { numRuns: 20 },
    );
  });

  it('puts each failure into one incident at most, and leaves out only single tills that stumbled', () => {
    assert(
      property(integer({ min: 0, max: 2 ** 31 }), constantFrom(...KINDS), (seed, kind) => {
        const day = generateDay({ seed, kind, noise: NOISY });
        const intervals = intervalsOf(day.attempts);
        const incidents = incidentsOf(day, intervals);
        const keys = incidents.flatMap(({ members }) => members.map(keyOf));
        expect(new Set(keys).size).toBe(keys.length);
        expect(new Set(incidents.map(({ incidentId }) => incidentId)).size).toBe(incidents.length);
        const failures = incidents.flatMap(({ members }) => members).reduce((sum, member) => sum + member.failures, 0);
        const all = intervals.reduce((sum, interval) => sum + interval.failures, 0);
        const lasting = intervals.filter(
          ({ startedAt, endedAt, failures: count }) =>
            count >= INCIDENT_RULE.singleFailuresMin && (endedAt ?? Infinity) - startedAt >= INCIDENT_RULE.singleMsMin,
        );
        expect(failures).toBeLessThanOrEqual(all);
        expect(failures).toBeGreaterThanOrEqual(lasting.reduce((sum, interval) => sum + interval.failures, 0));
      }),
      { numRuns: 20 },
    );
  });

  it('leaves out failures of terminals that the official may not see, as if they had not been', () => {
    const day = generateDay({ seed: 5, kind: 'server', noise: NOISY });
    const seen = new Map([...day.places].filter(([, { region }]) => region === 'region-1'));
    const incidents = incidentsOf({ ...day, places: seen });
    const members = incidents.flatMap((incident) => incident.members);
    expect(members.every(({ terminalId }) => seen.has(terminalId))).toBe(true);
    expect(found({ ...day, outage: { ...day.outage, kind: 'region', subject: 'region-1' } }, incidents)).toBeDefined();
  });
});

function keyOf({ terminalId, startedAt }: FailureInterval): string {
  return `${terminalId} ${startedAt}`;
}
