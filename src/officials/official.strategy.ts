import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-local';
import type { Problem } from '@tax-control/protocol';
import type { TokenSession } from './sessions.js';
import type { SignInDesk } from './sign-in.js';
import { visitorOf } from './visitor.js';

/** Name of the strategy at passport. */
export const OFFICIAL_STRATEGY = 'official';

/** Name under which an application's own desk hangs at its Fastify instance. */
export const SIGN_IN_DESK = 'officialSignInDesk';

/** What passport takes for the user: the refusal of a sign-in is a value like any other. */
export interface SignInOutcome {
  readonly outcome: TokenSession | Problem;
}

/**
 * Name and password of a sign-in. Like the terminals' one it holds no state, because passport is one object for the whole process: it asks the
 * desk of the application that serves the request.
 */
@Injectable()
export class OfficialStrategy extends PassportStrategy(Strategy, OFFICIAL_STRATEGY) {
  constructor() {
    super({ usernameField: 'name', passwordField: 'password', passReqToCallback: true, session: false });
  }

  async validate(request: unknown, name: string, password: string): Promise<SignInOutcome> {
    const fastifyRequest = request as FastifyRequest;
    const desk = fastifyRequest.server.getDecorator<SignInDesk>(SIGN_IN_DESK);
    return { outcome: await desk.signIn({ name, password }, visitorOf(fastifyRequest)) };
  }
}
