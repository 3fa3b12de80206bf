import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  CODE_PATTERN,
  type Holding,
  type HoldingsAnswer,
  type HoldingsRequest,
  isJsonObject,
  LIMITS,
  type Problem,
  type RestorationAnswer,
  type RestorationRequest,
} from '@tax-control/protocol';
import { ArrayMaxSize, IsArray, IsInt, Matches, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { Admit, CallingTerminal } from '../authentication/admit.js';
import type { TerminalIdentity } from '../authentication/caller.js';
import { Describe } from '../http/documentation/describe.js';
import { Envelope } from '../http/envelope.js';
import { Listener } from '../http/listener.js';
import { BodyLimit } from '../http/route-options.js';
import { HOLDINGS_DESCRIPTION, RESTORATION_DESCRIPTION } from './restoration-descriptions.js';
import { Restorations } from './restorations.js';

/** As many codes as a request may have, each with quotation marks and a comma, and the rest of it. */
const HOLDINGS_BYTES_MAX = 16_384;

export class HoldingsEnvelope implements HoldingsRequest {
  @IsArray()
  @ArrayMaxSize(LIMITS.holdingsMax)
  @Matches(new RegExp(CODE_PATTERN), { each: true })
  readonly codes!: readonly string[];

  @ValidateIf((_, value) => value !== null)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly lastJump!: number | null;
}

const isHolding = (value: unknown): boolean =>
  isJsonObject(value) &&
  Object.keys(value).length === 2 &&
  typeof value['invoice'] === 'string' &&
  typeof value['receipt'] === 'string';

export class RestorationEnvelope implements RestorationRequest {
  @IsArray()
  @ValidateBy(
    {
      name: 'isHolding',
      validator: {
        validate: isHolding,
        defaultMessage: () => 'each must have an invoice and its receipt, and nothing else',
      },
    },
    { each: true },
  )
  readonly items!: readonly Holding[];
}

@Listener('terminals')
@Controller('v1/holdings')
@Admit('terminal_suspended', 'certificate_expired')
export class HoldingsController {
  constructor(private readonly restorations: Restorations) {}

  @Post()
  @HttpCode(200)
  @BodyLimit(HOLDINGS_BYTES_MAX)
  @Describe(HOLDINGS_DESCRIPTION)
  missing(
    @CallingTerminal() terminal: TerminalIdentity,
    @Body(Envelope) request: HoldingsEnvelope,
  ): Promise<HoldingsAnswer> {
    return this.restorations.findMissing(request, terminal.record);
  }
}

@Listener('terminals')
@Controller('v1/restorations')
@Admit('terminal_suspended', 'certificate_expired')
export class RestorationsController {
  constructor(private readonly restorations: Restorations) {}

  @Post()
  @HttpCode(200)
  @BodyLimit(LIMITS.requestBytesMax)
  @Describe(RESTORATION_DESCRIPTION)
  restore(
    @CallingTerminal() terminal: TerminalIdentity,
    @Body(Envelope) { items }: RestorationEnvelope,
  ): Promise<RestorationAnswer | Problem> {
    return this.restorations.restore(items, terminal.record);
  }
}
