import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { describeRoutes } from '../http/route-options.js';
import type { Caller, TerminalIdentity } from './caller.js';
import { type AuthenticationRefusal, REFUSALS } from './standing.js';

export const ADMISSION = Symbol('admission');

/** Whom a route of the terminals' listener admits: strangers too, or terminals with nothing wrong but what is tolerated. */
export type Admission = 'strangers' | ReadonlySet<AuthenticationRefusal>;

/** What a route admits that says nothing: active terminals with a certificate in force. */
export const ACTIVE_ONLY: Admission = new Set();

/** Admits terminals with nothing wrong, and those with what is named. On a controller or on one of its routes. */
export function Admit(...tolerated: AuthenticationRefusal[]): ClassDecorator & MethodDecorator {
  const tolerates: ReadonlySet<AuthenticationRefusal> = new Set(tolerated);
  return applyDecorators(SetMetadata(ADMISSION, tolerates), describeRoutes({ tolerates }));
}

/** Admits everybody who shows a certificate, whatever is wrong with it; for routes that only tell it so. */
export function AdmitAnyCertificate(): ClassDecorator & MethodDecorator {
  return Admit(...REFUSALS.filter((refusal) => refusal !== 'certificate_missing'));
}

/** Admits everybody, unasked: enrolment, where a till has no certificate yet. Such a route must find out itself who calls. */
export function AdmitStrangers(): ClassDecorator & MethodDecorator {
  return applyDecorators(
    SetMetadata(ADMISSION, 'strangers' satisfies Admission),
    describeRoutes({ admitsStrangers: true }),
  );
}

interface AuthenticatedRequest extends FastifyRequest {
  readonly user?: Caller;
}

function callerOf(context: ExecutionContext): Caller {
  const { user } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (user === undefined)
    throw new Error('the route admits strangers, or is none of the terminals’ listener: nobody was authenticated');
  return user;
}

/** The parameter is whoever calls: {@link Caller}. */
export const PresentCaller = createParamDecorator((_data: unknown, context: ExecutionContext): Caller =>
  callerOf(context),
);

/** The parameter is the terminal that calls: {@link TerminalIdentity}. For routes that tolerate no unknown one. */
export const CallingTerminal = createParamDecorator((_data: unknown, context: ExecutionContext): TerminalIdentity => {
  const { terminal } = callerOf(context);
  if (terminal === null) throw new Error('the route tolerates unknown terminals: ask for PresentCaller');
  return terminal;
});
