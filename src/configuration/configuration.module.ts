import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Settings } from './settings.js';

/** Offers the settings, read by main.ts, to every module. */
@Global()
@Module({})
export class ConfigurationModule {
  static of(settings: Settings): DynamicModule {
    return {
      module: ConfigurationModule,
      providers: [{ provide: Settings, useValue: settings }],
      exports: [Settings],
    };
  }
}
