import { Allow, IsBoolean, ValidateIf } from 'class-validator';
import { levyKind } from '@tax-control/protocol';
import { TERMINAL_STATUSES, type TerminalStatusName } from '@tax-control/protocol/console';
import { IfThere, One } from '../query/rules.js';
import { DAY_RULE, IDENTIFIER_RULE, LONG_TEXT_RULE, oneOf, RATE_RULE, REASON_RULE } from '../query/text-rules.js';

export class TaxpayerBody {
  @One(IDENTIFIER_RULE) readonly taxpayerId: string = '';
  @One(LONG_TEXT_RULE) readonly name: string = '';
}

export class TaxpayerChangeBody {
  @One(LONG_TEXT_RULE) readonly name: string = '';
}

export class PremisesChangeBody {
  @One(LONG_TEXT_RULE) readonly name: string = '';
  @One(LONG_TEXT_RULE) readonly region: string = '';
  @One(LONG_TEXT_RULE) readonly activity: string = '';
  @One(LONG_TEXT_RULE) readonly address: string = '';
}

export class PremisesBody extends PremisesChangeBody {
  @One(IDENTIFIER_RULE) readonly premisesId: string = '';
  @One(IDENTIFIER_RULE) readonly taxpayerId: string = '';
}

export class TerminalBody {
  @One(IDENTIFIER_RULE) readonly terminalId: string = '';
  @One(IDENTIFIER_RULE) readonly premisesId: string = '';
}

export class StatusBody {
  @One(oneOf(TERMINAL_STATUSES)) readonly status: TerminalStatusName = 'active';
  @One(REASON_RULE) readonly reason: string = '';
}

/** A reason and nothing else: for what is done to what the address names. */
export class ReasonBody {
  @One(REASON_RULE) readonly reason: string = '';
}

export class CertificateRevocationBody extends ReasonBody {
  @IsBoolean({ message: 'must be true or false' })
  @IfThere()
  readonly descendants?: boolean;
}

const LEVIES = levyKind.enum;

export class TaxRateBody {
  @One(IDENTIFIER_RULE) readonly category: string = '';
  @One(RATE_RULE) readonly rate: string = '';
  @One(DAY_RULE) readonly from: string = '';
  @ValidateIf((_body: object, value: unknown) => value !== null)
  @One(DAY_RULE)
  readonly until: string | null = null;
  /** Only of a levy. */
  @One(oneOf(LEVIES))
  @IfThere()
  readonly levy?: (typeof LEVIES)[number];
}

export class TaxRateRemovalBody {
  @One(IDENTIFIER_RULE) readonly category: string = '';
  @One(DAY_RULE) readonly from: string = '';
}

/** Settings to publish; what is left out stays as it is. Their rules are those of the registry, which judges the whole. */
export class ParametersBody {
  @Allow() readonly addresses?: unknown;
  @Allow() readonly verificationUrl?: unknown;
  @Allow() readonly threshold?: unknown;
  @Allow() readonly deadlineMs?: unknown;
  @Allow() readonly offlineLimits?: unknown;
  @Allow() readonly suspendedMaySell?: unknown;
  @Allow() readonly timeZone?: unknown;
  @Allow() readonly premisesTimeZones?: unknown;
  @Allow() readonly cashRoundingMax?: unknown;
}
