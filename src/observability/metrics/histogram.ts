import type { Histogram, Registry } from 'prom-client';
import type { DistributionSample, MetricWords } from './metric-words.js';

/**
 * Shows distributions as a histogram of prom-client. Its own histogram makes a key out of the labels at every observation, which costs eighty
 * times what an addition costs; the registry needs no more of a metric than this.
 */
export class HistogramOfDistributions {
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly name: string;
  readonly help: string;

  constructor(private readonly words: MetricWords<DistributionSample>) {
    this.name = words.name;
    this.help = words.help;
  }

  register(registry: Registry): void {
    registry.registerMetric(this as unknown as Histogram);
  }

  get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    const values = this.words.read().flatMap(({ labels = {}, distribution }) => {
      const { upTo, count } = distribution.cumulative();
      const bucket = `${name}_bucket`;
      return [
        ...upTo.map((value, index) => ({
          metricName: bucket,
          labels: { ...labels, le: distribution.bounds[index] },
          value,
        })),
        { metricName: bucket, labels: { ...labels, le: '+Inf' }, value: count },
        { metricName: `${name}_sum`, labels, value: distribution.sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
    return Promise.resolve({ name, help, type, aggregator, values });
  }
}
