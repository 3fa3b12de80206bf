import { Counter, Gauge, Registry } from 'prom-client';
import { Figures } from './figures.js';
import { HistogramOfDistributions } from './histogram.js';
import type { DistributionSample, MetricWords, Sample } from './metric-words.js';
import { processRegistry } from './process-registry.js';

/**
 * What this application tells Prometheus. Each module offers what it counts, and it is read when it is asked for: on the way of an invoice nothing
 * happens but additions. A registry of its own for each application; the library's global one is never used.
 */
export class Metrics {
  readonly #registry = new Registry();
  /** What has to be asked of the database. */
  readonly figures = new Figures();

  constructor() {
    this.gauge({
      name: 'tax_control_figure_known',
      help: 'Whether the database told this figure in time, 1 or 0. Of one that is not known, no sample is given.',
      labels: ['figure'],
      read: () =>
        this.figures.list().map(({ name, isKnown }) => ({ labels: { figure: name }, value: isKnown ? 1 : 0 })),
    });
  }

  /** Something that goes up and down. */
  gauge({ name, help, labels = [], read }: MetricWords<Sample>): void {
    const gauge = new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.#registry],
      collect: () => {
        gauge.reset();
        // The library makes a zero of a gauge that has no labels.
        if (labels.length === 0) gauge.remove();
        for (const { labels: values = {}, value } of read()) gauge.set(values, value);
      },
    });
  }

  /** Something that only grows while the process lives. */
  counter({ name, help, labels = [], read }: MetricWords<Sample>): void {
    const counter = new Counter({
      name,
      help,
      labelNames: [...labels],
      registers: [this.#registry],
      collect: () => {
        counter.reset();
        for (const { labels: values = {}, value } of read()) counter.inc(values, value);
      },
    });
  }

  /** How something is distributed. */
  histogram(words: MetricWords<DistributionSample>): void {
    new HistogramOfDistributions(words).register(this.#registry);
  }

  /** Everything in Prometheus's text format; with what the database said at the last `figures.refresh()`. */
  async render(): Promise<{ readonly contentType: string; readonly text: string }> {
    const ofProcess = processRegistry();
    const texts = await Promise.all([this.#registry.metrics(), ofProcess.metrics()]);
    return { contentType: ofProcess.contentType, text: texts.join('\n') };
  }
}
