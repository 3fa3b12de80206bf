import { Controller, Get, Header } from '@nestjs/common';
import type { PublicKey } from '@tax-control/protocol';
import { Describe } from '../http/documentation/describe.js';
import { Listener } from '../http/listener.js';
import { KeyRing } from '../keys/key-ring.js';

/** An hour: keys are added long before they sign, and old ones stay. */
const CACHE_CONTROL = 'public, max-age=3600';

const JWKS_MEDIA_TYPE = 'application/jwk-set+json';

/** The keys that sign receipts, for whoever wants to check one without asking us (RFC 7517, 5). */
@Listener('public')
@Controller('.well-known/jwks.json')
export class JwksController {
  constructor(private readonly keys: KeyRing) {}

  @Get()
  @Describe({
    tag: 'Public',
    summary: 'The keys that sign receipts',
    answer: {
      description: 'A JWK set (RFC 7517); `kid` is the thumbprint of RFC 7638.',
      mediaType: JWKS_MEDIA_TYPE,
      schema: {
        type: 'object',
        required: ['keys'],
        properties: { keys: { type: 'array', items: { type: 'object' } } },
      },
    },
  })
  @Header('cache-control', CACHE_CONTROL)
  @Header('content-type', JWKS_MEDIA_TYPE)
  read(): { readonly keys: readonly PublicKey[] } {
    return { keys: this.keys.trustedKeys() };
  }
}
