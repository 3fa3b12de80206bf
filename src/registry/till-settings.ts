import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  isURL,
  Max,
  Min,
  ValidateBy,
  validateSync,
  type ValidationArguments,
  type ValidationOptions,
} from 'class-validator';
import {
  type CashRoundingRules,
  isTimeZone,
  LIMITS,
  type OfflineLimits,
  parametersSchema,
} from '@tax-control/protocol';

/** `https://host` or `https://host:port`: paths are appended to it. */
const BASE_ADDRESS = /^https:\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$/;
const URL_OPTIONS = { protocols: ['https'], require_protocol: true, require_tld: false };
const BASE_ADDRESS_RULE = 'must be https://host or https://host:port, without a path';

/** Whether a text can be the base address of a listener. */
export function isBaseAddress(text: string): boolean {
  return BASE_ADDRESS.test(text) && isURL(text, URL_OPTIONS);
}

/** A till tries one address after the other within one deadline; more than these it would
 * never reach. An invitation takes as many. */
const ADDRESSES_MAX = 10;

function BaseAddress(options: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown): boolean => typeof value === 'string' && isBaseAddress(value);
  return ValidateBy({ name: 'baseAddress', validator: { validate } }, options);
}

const ZONE_RULE = 'must be an IANA time zone, such as Europe/London';

/** Premises with a zone of their own: 25 bytes each in a document that every till fetches. */
const PREMISES_ZONES_MAX = 10_000;

function KnownZone(options: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown): boolean => value === null || (typeof value === 'string' && isTimeZone(value));
  return ValidateBy({ name: 'knownZone', validator: { validate } }, options);
}

function PremisesZones(options: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown, context?: ValidationArguments): boolean => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const zones: unknown[] = Object.values(value);
    if (zones.length === 0) return true;
    const hasDefault = (context?.object as TillSettings | undefined)?.timeZone !== null;
    const areKnown = [...new Set(zones)].every((zone) => typeof zone === 'string' && isTimeZone(zone));
    return hasDefault && zones.length <= PREMISES_ZONES_MAX && areKnown;
  };
  return ValidateBy({ name: 'premisesZones', validator: { validate } }, options);
}

const ROUNDING = parametersSchema.properties.cashRoundingMax;
const CURRENCY = new RegExp(ROUNDING.propertyNames.pattern);

function RoundingRules(options: ValidationOptions): PropertyDecorator {
  const validate = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const rules = Object.entries(value);
    const isRight = ([currency, sum]: [string, unknown]): boolean =>
      CURRENCY.test(currency) && Number.isSafeInteger(sum) && (sum as number) >= 0;
    return rules.length <= ROUNDING.maxProperties && rules.every(isRight);
  };
  return ValidateBy({ name: 'roundingRules', validator: { validate } }, options);
}

/** A year of waiting; what is older than that is no outage. */
const HOURS_MAX = 8_784;

const wholeNumber = { message: 'must be a whole number' };

/** What the operator decides for all tills; the rest of the parameters is added from rates, keys and versions. */
export class TillSettings {
  @ArrayMinSize(1, { message: 'must name at least one address' })
  @ArrayMaxSize(ADDRESSES_MAX, { message: `must not name more than ${ADDRESSES_MAX} addresses` })
  @ArrayUnique({ message: 'must not name an address twice' })
  @BaseAddress({ each: true, message: BASE_ADDRESS_RULE })
  @IsArray({ message: 'must be a list' })
  readonly addresses: readonly string[] = [];

  @BaseAddress({ message: BASE_ADDRESS_RULE })
  readonly verificationUrl: string = '';

  @Max(LIMITS.thresholdMax, { message: `must not be above ${LIMITS.thresholdMax}` })
  @Min(1, { message: 'must be at least 1' })
  @IsInt(wholeNumber)
  readonly threshold: number = DEFAULTS.threshold;

  @Max(60_000, { message: 'must not be above 60000' })
  @Min(100, { message: 'must be at least 100' })
  @IsInt(wholeNumber)
  readonly deadlineMs: number = DEFAULTS.deadlineMs;

  @Max(HOURS_MAX, { message: `must not be above ${HOURS_MAX}` })
  @Min(0, { message: 'must not be negative' })
  @IsInt(wholeNumber)
  readonly offlineHoursMax: number = DEFAULTS.offlineHoursMax;

  @Max(Number.MAX_SAFE_INTEGER, { message: 'must be a safe integer' })
  @Min(0, { message: 'must not be negative' })
  @IsInt(wholeNumber)
  readonly offlineInvoicesMax: number = DEFAULTS.offlineInvoicesMax;

  @Max(Number.MAX_SAFE_INTEGER, { message: 'must be a safe integer' })
  @Min(0, { message: 'must not be negative' })
  @IsInt(wholeNumber)
  readonly offlineSalesMax: number = DEFAULTS.offlineSalesMax;

  @IsIn(['warn', 'stop'], { message: 'must be warn or stop' })
  readonly offlineAtLimit: OfflineLimits['atLimit'] = 'warn';

  /** IANA name; null: tills go by their computers' zone. */
  @KnownZone({ message: ZONE_RULE })
  readonly timeZone: string | null = null;

  /** IANA names by premises that have another zone; they need a `timeZone` for all the others. */
  @PremisesZones({
    message: `needs a time zone for all other premises, takes at most ${PREMISES_ZONES_MAX} premises, and a zone of each ${ZONE_RULE}`,
  })
  readonly premisesTimeZones: Readonly<Record<string, string>> = {};

  /** The largest sum, in the smallest unit, by which cash rounding changes a total, by currency; others go by what is customary. */
  @RoundingRules({ message: 'takes whole sums of the smallest unit by currency (ISO 4217), such as CHF=4' })
  readonly cashRoundingMax: CashRoundingRules = {};

  @IsBoolean({ message: 'must be true or false' })
  readonly suspendedMaySell: boolean = false;
}

/**
 * What holds until the operator says otherwise.
 * threshold: a day's outage of an ordinary till drains in a handful of sales. deadlineMs: what a customer waits without noticing.
 * offlineHoursMax: a long weekend without a line. offlineInvoicesMax: three days of a busy lane.
 * offlineSalesMax: no sum that would be right in every currency, so none (the largest safe integer).
 */
const DEFAULTS = {
  threshold: 50,
  deadlineMs: 1_500,
  offlineHoursMax: 72,
  offlineInvoicesMax: 5_000,
  offlineSalesMax: Number.MAX_SAFE_INTEGER,
} as const;

/** A setting and the rule that it breaks. */
export interface SettingFault {
  readonly setting: string;
  readonly rule: string;
}

/** Every rule that the settings break, one for each setting; none: they may be published. */
export function checkTillSettings(settings: TillSettings): SettingFault[] {
  return validateSync(settings, { stopAtFirstError: true, forbidUnknownValues: true }).map(
    ({ property, constraints }) => ({ setting: property, rule: Object.values(constraints ?? {})[0] ?? 'is not valid' }),
  );
}
