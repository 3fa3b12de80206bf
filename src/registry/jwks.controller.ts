import { Controller, Get, Header } from '@nestjs/common';
import type { PublicKey } from '@tax-control/protocol';
import { Describe } from '../http/documentation/describe.js';
import { Listener } from '../http/listener.js';
import { KeyRing } from '../keys/key-ring.js';

/** An hour: keys are added long before they sign, and old ones stay. */
const CACHE_CONTROL = 'public, max-age=3600';

const JWK_SET = 'application/jwk-set+json';

/** The keys that sign receipts, for whoever wants to check one without asking us (RFC 7517, 5). */
@Listener('public')
@Controller('.well-known/jwks.json')
export class JwksController {
  constructor(private readonly keys: KeyRing) {}

  @Get()
  @Header('cache-control', CACHE_CONTROL)
  @Header('content-type', JWK_SET)
  @Describe({
    tag: 'Keys',
    summary: 'Public keys that sign receipts',
    description: 'For checking a receipt without asking the server; keys that sign no longer stay in it.',
    answer: {
      mediaType: JWK_SET,
      schema: {
        type: 'object',
        required: ['keys'],
        properties: { keys: { type: 'array', items: { type: 'object' } } },
      },
    },
  })
  read(): { readonly keys: readonly PublicKey[] } {
    return { keys: this.keys.trustedKeys() };
  }
}
