import { createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { problem } from '@tax-control/protocol';
import { Envelope } from '../http/envelope.js';
import { RequestRefused } from '../http/request-refused.js';
import { OFFICIAL_STRATEGY, type SignInOutcome } from './official.strategy.js';
import { SignInEnvelope } from './envelopes.js';

/** Lets passport-local look at a sign-in whose shape is right; the controller answers with what it found. */
@Injectable()
export class SignInGuard extends AuthGuard(OFFICIAL_STRATEGY) {
  override canActivate(
    context: ExecutionContext,
  ): ReturnType<InstanceType<ReturnType<typeof AuthGuard>>['canActivate']> {
    const { body } = context.switchToHttp().getRequest<FastifyRequest>();
    new Envelope().transform(body, { type: 'body', metatype: SignInEnvelope });
    return super.canActivate(context);
  }

  override handleRequest<User>(error: unknown, user: User | false): User {
    if (error !== null && error !== undefined) throw error;
    // passport-local asks for no less than a name and a password; whatever else it finds missing is wrong, and no more is told.
    if (user === false) throw new RequestRefused(problem('sign_in_refused'));
    return user;
  }
}

/** The parameter is what the guard's look at the sign-in found. */
export const SignInResult = createParamDecorator((_data: unknown, context: ExecutionContext): SignInOutcome => {
  const { user } = context.switchToHttp().getRequest<FastifyRequest & { readonly user?: SignInOutcome }>();
  if (user === undefined) throw new Error('the route lacks the SignInGuard');
  return user;
});
