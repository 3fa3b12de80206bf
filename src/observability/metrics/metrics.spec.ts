import { describe, expect, it } from 'vitest';
import { Distribution } from './distribution.js';
import type { Sample } from './metric-words.js';
import { Metrics } from './metrics.js';

async function linesOf(metrics: Metrics): Promise<string[]> {
  return (await metrics.render()).text.split('\n').filter((line) => line.startsWith('tax_control_example'));
}

describe('Metrics', () => {
  it('reads what it tells when it is asked, and has nothing where nothing is known', async () => {
    const metrics = new Metrics();
    let samples: Sample[] = [];
    metrics.gauge({ name: 'tax_control_example', help: 'An example.', read: () => samples });
    expect(await linesOf(metrics)).toEqual([]);
    samples = [{ value: 0 }];
    expect(await linesOf(metrics)).toEqual(['tax_control_example 0']);
    samples = [{ value: 3 }];
    expect(await linesOf(metrics)).toEqual(['tax_control_example 3']);
  });

  it('tells counters with labels, each application its own', async () => {
    const metrics = new Metrics();
    const read = () => [{ labels: { door: 'issue' }, value: 2 }];
    metrics.counter({ name: 'tax_control_example_total', help: 'An example.', labels: ['door'], read });
    for (let scrape = 0; scrape < 2; scrape += 1)
      expect(await linesOf(metrics)).toEqual(['tax_control_example_total{door="issue"} 2']);
    expect(await linesOf(new Metrics())).toEqual([]);
  });

  it('tells distributions as histograms', async () => {
    const distribution = new Distribution([1, 2]);
    for (const value of [0.5, 1, 1.5, 2, 7]) distribution.observe(value);
    const metrics = new Metrics();
    const read = () => [{ labels: { door: 'issue' }, distribution }];
    metrics.histogram({ name: 'tax_control_example_seconds', help: 'An example.', labels: ['door'], read });
    expect(await linesOf(metrics)).toEqual([
      'tax_control_example_seconds_bucket{door="issue",le="1"} 2',
      'tax_control_example_seconds_bucket{door="issue",le="2"} 4',
      'tax_control_example_seconds_bucket{door="issue",le="+Inf"} 5',
      'tax_control_example_seconds_sum{door="issue"} 12',
      'tax_control_example_seconds_count{door="issue"} 5',
    ]);
  });
});
