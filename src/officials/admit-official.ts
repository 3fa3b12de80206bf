import { createParamDecorator, type CustomDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { OfficialRole } from '@tax-control/protocol/console';
import type { SignedInOfficial } from './signed-in-official.js';

export const OFFICIAL_ADMISSION = Symbol('official admission');

/**
 * Whom a route of the console admits.
 * `visitor`: anybody (sign-in); `newcomer`: who signed in with a temporary password too; a role: who has it, or one that includes it.
 */
export type OfficialAdmission = OfficialRole | 'visitor' | 'newcomer';

/** Admits officials with this role, or one that includes it. On a controller or on one of its routes; a route's own one wins. */
export function Official(role: OfficialRole = 'official'): CustomDecorator<symbol> {
  return SetMetadata(OFFICIAL_ADMISSION, role satisfies OfficialAdmission);
}

/** Admits everybody who is signed in, even with a temporary password that must be changed first. */
export function AdmitNewcomers(): CustomDecorator<symbol> {
  return SetMetadata(OFFICIAL_ADMISSION, 'newcomer' satisfies OfficialAdmission);
}

/** Admits everybody, unasked: sign-in. */
export function AdmitVisitors(): CustomDecorator<symbol> {
  return SetMetadata(OFFICIAL_ADMISSION, 'visitor' satisfies OfficialAdmission);
}

/** Where the guard leaves whom it found. */
const found = new WeakMap<FastifyRequest, SignedInOfficial>();

export function rememberOfficial(request: FastifyRequest, official: SignedInOfficial): void {
  found.set(request, official);
}

/** The parameter is who asks: {@link SignedInOfficial}. */
export const CurrentOfficial = createParamDecorator((_data: unknown, context: ExecutionContext): SignedInOfficial => {
  const official = found.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (official === undefined) throw new Error('the route admits visitors, or is none of the console: nobody is known');
  return official;
});
