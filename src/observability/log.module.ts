import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Log } from './log.js';
import { BuildMetrics } from './metrics/build-metrics.js';
import { Metrics } from './metrics/metrics.js';
import { PoolMetrics } from './metrics/pool-metrics.js';
import { ReadinessChecks } from './readiness-checks.js';
import { ServerEvents } from './server-events.js';

/** Offers the log, the metrics, the checks of readiness, and the place for what the doors turned away, to every module. */
@Global()
@Module({})
export class LogModule {
  static of(log: Log): DynamicModule {
    return {
      module: LogModule,
      providers: [{ provide: Log, useValue: log }, ServerEvents, Metrics, ReadinessChecks, BuildMetrics, PoolMetrics],
      exports: [Log, ServerEvents, Metrics, ReadinessChecks],
    };
  }
}
