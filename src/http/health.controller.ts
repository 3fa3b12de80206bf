import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Listener } from './listener.js';
import { Readiness, type ReadinessReport } from './readiness.js';

/** For whoever runs the server: `live` says that the process answers, `ready` that it can issue (503 where it cannot). */
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
    const report = await this.readiness.report();
    reply.code(report.status === 'ready' ? 200 : 503);
    return report;
  }
}
