import { Injectable } from '@nestjs/common';
import { Clock, type Echo, type EchoAnswer, signCompactJws } from '@tax-control/protocol';
import { KeyRing } from '../keys/key-ring.js';
import { type Caller, standingOf } from './caller.js';

/** `typ` of a signed echo. */
const ECHO_TYPE = 'echo+jws';

/** Tells callers what they are taken for and what time it is, signed, so that a till may set its measure of the clock by it. */
@Injectable()
export class EchoService {
  constructor(
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  answer(caller: Caller, nonce: string): EchoAnswer {
    const echo: Echo = {
      nonce,
      time: new Date(this.clock.now()).toISOString(),
      terminalId: caller.terminal?.terminalId ?? null,
      standing: standingOf(caller.refusals),
    };
    const { key, x5c } = this.keys.signingIdentity();
    return { echo: signCompactJws({ typ: ECHO_TYPE, x5c }, JSON.stringify(echo), key) };
  }
}
