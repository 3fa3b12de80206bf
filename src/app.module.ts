import { type DynamicModule, Module } from '@nestjs/common';
import type { Clock } from '@tax-control/protocol';
import { AuditTrailModule } from './audit-trail/audit-trail.module.js';
import { AuthenticationModule } from './authentication/authentication.module.js';
import { ConfigurationModule } from './configuration/configuration.module.js';
import type { Settings } from './configuration/settings.js';
import { ConsoleApiModule } from './console-api/console-api.module.js';
import { DatabaseModule } from './database/database.module.js';
import { EnrolmentModule } from './enrolment/enrolment.module.js';
import { HttpModule } from './http/http.module.js';
import type { Listeners } from './http/listeners.js';
import { IssuanceModule } from './issuance/issuance.module.js';
import { KeysModule } from './keys/keys.module.js';
import { LedgerModule } from './ledger/ledger.module.js';
import { LogAnalyticsModule } from './log-analytics/log-analytics.module.js';
import { LogModule } from './observability/log.module.js';
import { OfficialsModule } from './officials/officials.module.js';
import { PublicCheckModule } from './public-check/public-check.module.js';
import { RateLimitsModule } from './rate-limits/rate-limits.module.js';
import { RecoveryModule } from './recovery/recovery.module.js';
import { RecoveryLogModule } from './recovery-log/recovery-log.module.js';
import { RegistryModule } from './registry/registry.module.js';
import { ReissueModule } from './reissue/reissue.module.js';
import type { Log } from './observability/log.js';

/** The whole server: what it stands on first, the doors last. */
@Module({})
export class AppModule {
  static of(settings: Settings, log: Log, listeners: Listeners, clock: Clock): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigurationModule.of(settings, clock),
        LogModule.of(log),
        KeysModule,
        DatabaseModule,
        HttpModule.of(listeners),
        RateLimitsModule,
        RecoveryLogModule,
        RegistryModule,
        AuthenticationModule,
        EnrolmentModule,
        LedgerModule,
        IssuanceModule,
        ReissueModule,
        LogAnalyticsModule,
        AuditTrailModule,
        OfficialsModule,
        ConsoleApiModule,
        PublicCheckModule,
        RecoveryModule,
      ],
    };
  }
}
