import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Log } from './log.js';
import { ServerEvents } from './server-events.js';

/** Offers the log, and the place for what the doors turned away, to every module. */
@Global()
@Module({})
export class LogModule {
  static of(log: Log): DynamicModule {
    return {
      module: LogModule,
      providers: [{ provide: Log, useValue: log }, ServerEvents],
      exports: [Log, ServerEvents],
    };
  }
}
