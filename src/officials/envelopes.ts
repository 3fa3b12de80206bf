import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Length,
  Matches,
  ValidateBy,
} from 'class-validator';
import {
  OFFICIAL_ROLES,
  type OfficialChange,
  type OfficialDraft,
  type OfficialRole,
  type OfficialView,
  type PasswordChange,
  type SignIn,
} from '@tax-control/protocol/console';
import { isView, VIEW_RULE } from './view-shape.js';

/** Characters of a password as sent; the rules for a new one are stricter. Four bytes each, twice, fit the body limit below. */
const TYPED_LENGTH_MAX = 1_024;
const NAME_LENGTH_MAX = 128;
const FULL_NAME_LENGTH_MAX = 200;

/** Bytes of a body with two passwords: far less than what could keep a hash busy for long. */
export const PASSWORD_BYTES_MAX = 16_384;
/** Bytes of a body with a view of a thousand taxpayers. */
export const ACCOUNT_BYTES_MAX = 131_072;

/** Text that a screen can show: no control characters, not only spaces. */
const SHOWABLE = /^(?=.*\S)[^\p{Cc}\p{Cs}]*$/u;
const SHOWABLE_RULE = { message: 'must be printable text' };

export class SignInEnvelope implements SignIn {
  @IsString()
  @Length(1, NAME_LENGTH_MAX)
  readonly name!: string;

  @IsString()
  @Length(1, TYPED_LENGTH_MAX)
  readonly password!: string;
}

export class PasswordChangeEnvelope implements PasswordChange {
  @IsString()
  @Length(1, TYPED_LENGTH_MAX)
  readonly presentPassword!: string;

  @IsString()
  @Length(1, TYPED_LENGTH_MAX)
  readonly newPassword!: string;
}

function Roles(): PropertyDecorator {
  return (prototype, key) => {
    IsArray()(prototype, key);
    ArrayMinSize(1)(prototype, key);
    ArrayMaxSize(OFFICIAL_ROLES.length)(prototype, key);
    ArrayUnique()(prototype, key);
    IsIn(OFFICIAL_ROLES, { each: true, message: `must be of ${OFFICIAL_ROLES.join(', ')}` })(prototype, key);
  };
}

function View(): PropertyDecorator {
  return ValidateBy({ name: 'view', validator: { validate: isView, defaultMessage: () => VIEW_RULE } });
}

export class OfficialDraftEnvelope implements OfficialDraft {
  @IsString()
  @Length(1, NAME_LENGTH_MAX)
  readonly name!: string;

  @IsString()
  @Length(1, FULL_NAME_LENGTH_MAX)
  @Matches(SHOWABLE, SHOWABLE_RULE)
  readonly fullName!: string;

  @Roles()
  readonly roles!: readonly OfficialRole[];

  @View()
  readonly view!: OfficialView;
}

export class OfficialChangeEnvelope implements OfficialChange {
  @IsOptional()
  @IsString()
  @Length(1, FULL_NAME_LENGTH_MAX)
  @Matches(SHOWABLE, SHOWABLE_RULE)
  readonly fullName?: string;

  @IsOptional()
  @Roles()
  readonly roles?: readonly OfficialRole[];

  @IsOptional()
  @View()
  readonly view?: OfficialView;

  @IsOptional()
  @IsBoolean()
  readonly disabled?: boolean;
}
