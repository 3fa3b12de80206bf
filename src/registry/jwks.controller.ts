import { Controller, Get, Header } from '@nestjs/common';
import type { PublicKey } from '@tax-control/protocol';
import { Listener } from '../http/listener.js';
import { KeyRing } from '../keys/key-ring.js';

/** An hour: keys are added long before they sign, and old ones stay. */
const CACHE_CONTROL = 'public, max-age=3600';

/** The keys that sign receipts, for whoever wants to check one without asking us (RFC 7517, 5). */
@Listener('public')
@Controller('.well-known/jwks.json')
export class JwksController {
  constructor(private readonly keys: KeyRing) {}

  @Get()
  @Header('cache-control', CACHE_CONTROL)
  @Header('content-type', 'application/jwk-set+json')
  read(): { readonly keys: readonly PublicKey[] } {
    return { keys: this.keys.trustedKeys() };
  }
}
