import type { CauseGroup, Door, Problem } from '@tax-control/protocol';
import { type Filter, type Period, type ReportQuery, type Step, STEPS } from '@tax-control/protocol/console';
import { judgePeriod } from './judge-period.js';
import { PageParameters } from './page-parameters.js';
import { listOf, MaybeMany, MaybeOne, type Named, One } from './rules.js';
import { CAUSE_RULE, IDENTIFIER_RULE, oneOf, SHORT_TEXT_RULE, TIME_RULE, ZONE_RULE } from './text-rules.js';

const DOORS = ['issue', 'reissue'] as const satisfies readonly Door[];
const CAUSE_GROUPS = [
  'network',
  'server',
  'authentication',
  'refused',
  'till',
] as const satisfies readonly CauseGroup[];

/** What a report may be narrowed to; each but door and outcome may be named several times. */
export class FilterParameters extends PageParameters {
  @MaybeMany(SHORT_TEXT_RULE) readonly region?: Named;
  @MaybeMany(IDENTIFIER_RULE) readonly taxpayerId?: Named;
  @MaybeMany(IDENTIFIER_RULE) readonly premisesId?: Named;
  @MaybeMany(IDENTIFIER_RULE) readonly terminalId?: Named;
  @MaybeOne(oneOf(DOORS)) readonly door?: string;
  @MaybeMany(CAUSE_RULE) readonly cause?: Named;
  @MaybeMany(oneOf(CAUSE_GROUPS)) readonly causeGroup?: Named;

  filter(): Filter {
    return withoutAbsent({
      regions: listOf(this.region),
      taxpayerIds: listOf(this.taxpayerId),
      premisesIds: listOf(this.premisesId),
      terminalIds: listOf(this.terminalId),
      door: this.door as Door | undefined,
      causes: listOf(this.cause),
      causeGroups: listOf(this.causeGroup) as readonly CauseGroup[] | undefined,
    });
  }
}

/** A period and what it is narrowed to: the query of every report. */
export class ReportParameters extends FilterParameters {
  @One(TIME_RULE) readonly from: string = '';
  @One(TIME_RULE) readonly to: string = '';
  @MaybeOne(ZONE_RULE) readonly zone?: string;
  @MaybeOne(oneOf(STEPS)) readonly step?: string;
  /** Which table of a report that has several goes into the CSV. */
  @MaybeOne(SHORT_TEXT_RULE) readonly table?: string;

  override judge(nowMs: number): Problem | null {
    return judgePeriod(this.period()) ?? super.judge(nowMs);
  }

  period(): Period {
    return { from: this.from, to: this.to, zone: this.zone ?? 'UTC', step: (this.step ?? 'day') as Step };
  }

  report(): ReportQuery {
    return { period: this.period(), filter: this.filter() };
  }
}

type Present<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Leaves out the members without value: to be absent and to be undefined is not the same. */
export function withoutAbsent<T extends object>(members: T): Present<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<T>;
}
