import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Listener } from './listener.js';
import { Readiness, type ReadinessReport } from './readiness.js';

/**
 * For whoever runs the server: `live` says that the process answers, `ready` that it can issue, `pages` that it can answer customers and officials
 * (503 where it cannot).
 */
@ApiExcludeController()
@Listener('operator')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  live(): { readonly status: 'live' } {
    return { status: 'live' };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessReport> {
    return told(reply, await this.readiness.report());
  }

  @Get('pages')
  async pages(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessReport> {
    return told(reply, await this.readiness.pages());
  }
}

function told(reply: FastifyReply, report: ReadinessReport): ReadinessReport {
  reply.code(report.status === 'ready' ? 200 : 503);
  return report;
}
