import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { ApiQuery } from '@nestjs/swagger';

const MEMBERS = Symbol('query members');

/** A member of a query, as the documentation names it. `isList`: it may be named several times. */
export interface QueryMember {
  readonly name: string;
  readonly rule: string;
  readonly isRequired: boolean;
  readonly isList: boolean;
}

/** Notes a member of a query's class, so that its routes are described with it. */
export function noteQueryMember(prototype: object, member: QueryMember): void {
  const inherited = (Reflect.getMetadata(MEMBERS, prototype) ?? []) as readonly QueryMember[];
  Reflect.defineMetadata(MEMBERS, [...inherited.filter(({ name }) => name !== member.name), member], prototype);
}

/** Decorators that describe the query of a route, from the class of its `@Query(…)` parameter; none where it has no such class. */
export function queryDecorators(controller: object, method: string | symbol): MethodDecorator[] {
  const types = (Reflect.getMetadata('design:paramtypes', controller, method) ?? []) as readonly unknown[];
  const given = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller.constructor, method) ?? {}) as Readonly<
    Record<string, { readonly index: number }>
  >;
  return Object.entries(given)
    .filter(([key]) => key.startsWith(`${RouteParamtypes.QUERY}:`))
    .flatMap(([, { index }]) => membersOf(types[index]))
    .map(decoratorOf);
}

/** The same for members that no class has. @param rules what each must be, by name */
export function namedQuery(rules: Readonly<Record<string, string>>): MethodDecorator[] {
  return Object.entries(rules).map(([name, rule]) => decoratorOf({ name, rule, isRequired: false, isList: false }));
}

function membersOf(type: unknown): readonly QueryMember[] {
  if (typeof type !== 'function') return [];
  return (Reflect.getMetadata(MEMBERS, type.prototype as object) ?? []) as readonly QueryMember[];
}

function decoratorOf({ name, rule, isRequired, isList }: QueryMember): MethodDecorator {
  const text = { type: 'string' } as const;
  return ApiQuery({
    name,
    required: isRequired,
    description: `It ${rule}.`,
    schema: isList ? { type: 'array', items: text } : text,
  });
}
