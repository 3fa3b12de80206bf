import { ValidateBy, type ValidationOptions } from 'class-validator';
import { CONSOLE_LIMITS } from '@tax-control/protocol/console';

/** What one text of a query must be, and the sentence for whoever breaks it. Texts are matched as they came; nothing is converted before. */
export interface TextRule {
  readonly accepts: (text: string) => boolean;
  readonly message: string;
}

/** A member of a query, named once. Its value stays the text that came. */
export function One(rule: TextRule): PropertyDecorator {
  return validatedBy(rule.message, (value) => typeof value === 'string' && rule.accepts(value), {});
}

/** A member that may be named several times; `listOf` reads it. */
export function Many(rule: TextRule): PropertyDecorator {
  const message = `${rule.message}, at most ${CONSOLE_LIMITS.filterValuesMax} of them`;
  return validatedBy(message, (value) => isListOf(value, rule), {});
}

/** A member that need not be there. */
export function Maybe(one: PropertyDecorator): PropertyDecorator {
  return one;
}

/** The values of a member that may be named several times; undefined where it was not named. */
export function listOf(value: string | readonly string[] | undefined): readonly string[] | undefined {
  if (value === undefined) return undefined;
  return typeof value === 'string' ? [value] : value;
}

function isListOf(value: unknown, rule: TextRule): boolean {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return (
    values.length <= CONSOLE_LIMITS.filterValuesMax &&
    values.every((text) => typeof text === 'string' && rule.accepts(text))
  );
}

function validatedBy(
  message: string,
  validate: (value: unknown) => boolean,
  options: ValidationOptions,
): PropertyDecorator {
  return ValidateBy({ name: 'text', validator: { validate, defaultMessage: () => message } }, options);
}
