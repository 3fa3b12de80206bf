import { type BeforeApplicationShutdown, type DynamicModule, Global, Module } from '@nestjs/common';
import { ConsoleController } from './console/console.controller.js';
import { ConsoleFiles } from './console/console-files.js';
import { ApiDocument } from './documentation/api-document.js';
import { DocumentationController } from './documentation/documentation.controller.js';
import { HealthController } from './health.controller.js';
import { Listeners } from './listeners.js';
import { MetricsController } from './metrics.controller.js';
import { Readiness } from './readiness.js';

/** Offers the listeners to whom they concern, and closes them before anything else of the application ends. */
@Global()
@Module({
  controllers: [HealthController, MetricsController, DocumentationController, ConsoleController],
  providers: [Readiness, ApiDocument, { provide: ConsoleFiles, useFactory: () => new ConsoleFiles() }],
  exports: [ApiDocument],
})
export class HttpModule implements BeforeApplicationShutdown {
  constructor(private readonly listeners: Listeners) {}

  static of(listeners: Listeners): DynamicModule {
    return { module: HttpModule, providers: [{ provide: Listeners, useValue: listeners }], exports: [Listeners] };
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.listeners.close();
  }
}
