import { createParamDecorator, type CustomDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { OfficialRole } from '@tax-control/protocol/console';
import type { TokenSession } from './sessions.js';
import type { SignedInOfficial } from './signed-in-official.js';
import { type Visitor, visitorOf } from './visitor.js';

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

/** Whom the guard found, and the session. */
export interface FoundOfficial {
  readonly official: SignedInOfficial;
  readonly session: TokenSession;
}

/** Where the guard leaves whom it found; gone with the request. */
const found = new WeakMap<FastifyRequest, FoundOfficial>();

export function rememberOfficial(request: FastifyRequest, who: FoundOfficial): void {
  found.set(request, who);
}

function foundBy(context: ExecutionContext): FoundOfficial {
  const who = found.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (who === undefined) throw new Error('the route admits visitors, or is none of the console: nobody is known');
  return who;
}

/** The parameter is who asks: {@link SignedInOfficial}. */
export const CurrentOfficial = createParamDecorator(
  (_data: unknown, context: ExecutionContext): SignedInOfficial => foundBy(context).official,
);

/** The parameter is the session of who asks, with its token: for what concerns the session itself. */
export const PresentSession = createParamDecorator(
  (_data: unknown, context: ExecutionContext): TokenSession => foundBy(context).session,
);

/** The parameter is whoever is at the other end, signed in or not. */
export const PresentVisitor = createParamDecorator((_data: unknown, context: ExecutionContext): Visitor =>
  visitorOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
