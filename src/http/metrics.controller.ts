import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Metrics } from '../observability/metrics/metrics.js';
import { Listener } from './listener.js';
import { Readiness, type ReadinessReport } from './readiness.js';

/** For Prometheus. It answers in a few seconds at most, also when the database does not, and says so. */
@ApiExcludeController()
@Listener('operator')
@Controller('metrics')
export class MetricsController {
  #report: ReadinessReport | null = null;

  constructor(
    private readonly metrics: Metrics,
    private readonly readiness: Readiness,
  ) {
    metrics.gauge({
      name: 'tax_control_ready',
      help: 'What /health/ready says of each check, 1 or 0: listeners, database, keys, issuing.',
      labels: ['check'],
      read: () =>
        this.#report?.checks.map(({ name, fault }) => ({ labels: { check: name }, value: fault === null ? 1 : 0 })) ??
        [],
    });
  }

  @Get()
  async read(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const [report] = await Promise.all([this.readiness.report(), this.metrics.figures.refresh()]);
    this.#report = report;
    const { contentType, text } = await this.metrics.render();
    reply.header('content-type', contentType).header('cache-control', 'no-store');
    return text;
  }
}
