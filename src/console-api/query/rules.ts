import { ValidateBy, ValidateIf } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { CONSOLE_LIMITS } from '@tax-control/protocol/console';
import { noteQueryMember, type QueryMember } from '../../http/documentation/query-members.js';

/** What one text must be, and the sentence for whoever breaks it. Texts are matched as they came; nothing is converted before. */
export interface TextRule {
  readonly accepts: (text: string) => boolean;
  readonly message: string;
}

/** A member that is named once. */
export function One(rule: TextRule): PropertyDecorator {
  return applyDecorators(isOne(rule), noted(rule.message, { isRequired: true, isList: false }));
}

/** A member that need not be there, and is named once. */
export function MaybeOne(rule: TextRule): PropertyDecorator {
  return applyDecorators(IfThere(), isOne(rule), noted(rule.message, { isRequired: false, isList: false }));
}

/** A member that may be named several times, or never; {@link listOf} reads it. */
export function MaybeMany(rule: TextRule): PropertyDecorator {
  const message = `${rule.message}; at most ${CONSOLE_LIMITS.filterValuesMax} of them`;
  return applyDecorators(
    IfThere(),
    validatedBy(message, (value) => isListOf(value, rule)),
    noted(message, { isRequired: false, isList: true }),
  );
}

function isOne(rule: TextRule): PropertyDecorator {
  return validatedBy(rule.message, (value) => typeof value === 'string' && rule.accepts(value));
}

/** For the documentation of routes whose query has the member. */
function noted(rule: string, facts: Pick<QueryMember, 'isRequired' | 'isList'>): PropertyDecorator {
  return (prototype, name) => noteQueryMember(prototype, { name: String(name), rule, ...facts });
}

/** A member that need not be there; null is not the same as not there. */
export function IfThere(): PropertyDecorator {
  return ValidateIf((_object: object, value: unknown) => value !== undefined);
}

/** A member as it came: one text, or several. */
export type Named = string | readonly string[] | undefined;

/** The values of a member that may be named several times; undefined where it was not named. */
export function listOf(value: Named): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}

function isListOf(value: unknown, rule: TextRule): boolean {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return (
    values.length <= CONSOLE_LIMITS.filterValuesMax &&
    values.every((text) => typeof text === 'string' && rule.accepts(text))
  );
}

function validatedBy(message: string, validate: (value: unknown) => boolean): PropertyDecorator {
  return ValidateBy({ name: 'text', validator: { validate, defaultMessage: () => message } });
}
