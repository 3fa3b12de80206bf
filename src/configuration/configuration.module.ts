import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Clock } from '@tax-control/protocol';
import { Settings } from './settings.js';

/** Offers every module what main.ts gives to the server: the settings that it read, and the clock. */
@Global()
@Module({})
export class ConfigurationModule {
  static of(settings: Settings, clock: Clock): DynamicModule {
    return {
      module: ConfigurationModule,
      providers: [
        { provide: Settings, useValue: settings },
        { provide: Clock, useValue: clock },
      ],
      exports: [Settings, Clock],
    };
  }
}
