import { Matches, ValidateBy, ValidateIf, type ValidationOptions } from 'class-validator';
import { isNetwork, networksIn } from './networks.js';

/** Plain digits only: `Number()` would make 0 of an empty text, 16 of `0x10` and 1000 of `1e3`. */
const WHOLE_NUMBER = /^(0|[1-9][0-9]{0,14})$/;

/** A text that is a whole number in decimal digits, from `minimum` to `maximum` (both allowed). */
export function WholeNumber(minimum: number, maximum: number): PropertyDecorator {
  return ValidateBy({
    name: 'wholeNumber',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'string' && WHOLE_NUMBER.test(value) && Number(value) >= minimum && Number(value) <= maximum,
      defaultMessage: () => `must be a whole number from ${minimum} to ${maximum}, in plain digits`,
    },
  });
}

/** A TCP port; 0 lets the operating system choose one. */
export function Port(): PropertyDecorator {
  return WholeNumber(0, 65_535);
}

/** A text that must be set: settings without a default, secrets above all. */
export function Required(what: string): PropertyDecorator {
  return ValidateBy({
    name: 'required',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && value !== '',
      defaultMessage: () => `must be set: ${what}`,
    },
  });
}

/** A host name or an IP address to listen on. */
export function Host(): PropertyDecorator {
  return Matches(/^[A-Za-z0-9.:_-]{1,253}$/, says('must be a host name or an IP address'));
}

/** Addresses or networks in CIDR notation, separated by commas. */
export function Networks(): PropertyDecorator {
  return ValidateBy({
    name: 'networks',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && networksIn(value).every(isNetwork),
      defaultMessage: () => 'must be addresses or networks, separated by commas, like 10.0.0.0/8, 2001:db8::1',
    },
  });
}

/** Skips the other rules of a setting that is not set. */
export function Unset(): PropertyDecorator {
  return ValidateIf((_object, value: unknown) => value !== '');
}

/** The rule in words, in place of the library's sentence, which may quote the value. */
export function says(rule: string): ValidationOptions {
  return { message: rule };
}
