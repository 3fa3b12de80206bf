import type { Distribution } from './distribution.js';

/** Values of the labels that a metric declares. Few are possible: never a terminal, a name or anything that a client chose. */
export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

export interface DistributionSample {
  readonly labels?: Labels;
  readonly distribution: Distribution;
}

/** What a metric is: its name in Prometheus (`tax_control_…`, base units), its meaning, the names of its labels. */
export interface MetricWords<Value> {
  readonly name: `tax_control_${string}`;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Read when somebody asks for the metrics; no samples: not known at the moment. */
  readonly read: () => readonly Value[];
}
