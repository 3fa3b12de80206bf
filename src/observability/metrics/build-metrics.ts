import { Injectable } from '@nestjs/common';
import { projectVersion } from '../../configuration/project-version.js';
import { Metrics } from './metrics.js';

/** Which version answers: during an upgrade, instances differ. */
@Injectable()
export class BuildMetrics {
  constructor(metrics: Metrics) {
    const build = [{ labels: { version: projectVersion(), node: process.version }, value: 1 }];
    metrics.gauge({
      name: 'tax_control_build_info',
      help: 'The version of this server and of Node.js; always 1.',
      labels: ['version', 'node'],
      read: () => build,
    });
  }
}
