import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import passport from 'passport';
import type { Caller } from './caller.js';
import type { TerminalAuthenticator } from './terminal-authenticator.js';

/** Name of the strategy at passport. */
export const TERMINAL_STRATEGY = 'terminal';

/** Name under which an application's own authenticator hangs at its Fastify instance. */
export const AUTHENTICATOR = 'terminalAuthenticator';

type Verified = (error: unknown, caller?: Caller) => void;

class CertificateStrategy extends passport.Strategy {
  constructor(private readonly verify: (request: FastifyRequest, verified: Verified) => void) {
    super();
  }

  override authenticate(request: unknown): void {
    this.verify(request as FastifyRequest, (error, caller) => {
      if (error === null) this.success(caller as object);
      else this.error(error);
    });
  }
}

/**
 * Authenticates a terminal by the certificate of its connection. Passport is one object for the whole process and the last strategy of
 * a name wins, so this one holds no state: it asks the authenticator of the application that serves the request.
 */
@Injectable()
export class TerminalStrategy extends PassportStrategy(CertificateStrategy, TERMINAL_STRATEGY) {
  validate(request: FastifyRequest): Promise<Caller> {
    return request.server.getDecorator<TerminalAuthenticator>(AUTHENTICATOR).authenticate(request.raw.socket);
  }
}
