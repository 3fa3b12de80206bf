import { createHash } from 'node:crypto';
import { type Parameters as ParametersDocument, problem, signParameters } from '@tax-control/protocol';
import { RequestRefused } from '../http/request-refused.js';
import type { KeyRing } from '../keys/key-ring.js';
import { BriefCache } from './brief-cache.js';
import { type PublishedVersion, readNewestVersion } from './parameters-store.js';
import type { Sql } from './sql.js';

/** How old what is believed may be: a change is in force on every instance within a second, look-up included. */
const PARAMETERS_AGE_MS_MAX = 500;

/** No operator has published parameters yet: nothing that needs them can be done. */
export class ParametersMissing extends RequestRefused {
  constructor() {
    super(problem('parameters_missing'));
  }
}

/** The signed document as tills take it: compact JWS. `etag`: HTTP entity tag, with its quotes. */
export interface SignedParameters {
  readonly version: number;
  readonly jws: string;
  readonly etag: string;
}

/** What tills and server agree upon at present: the newest published version, with rates and keys. */
export class Parameters {
  private readonly newest: BriefCache<'newest', PublishedVersion | null>;
  private composed: { readonly of: PublishedVersion; readonly document: ParametersDocument } | null = null;
  private signed: SignedParameters | null = null;

  constructor(
    sql: Sql,
    private readonly keys: KeyRing,
    now: () => number = () => performance.now(),
  ) {
    this.newest = new BriefCache(() => readNewestVersion(sql), { ageMsMax: PARAMETERS_AGE_MS_MAX, entriesMax: 1, now });
  }

  /**
   * At most {@link PARAMETERS_AGE_MS_MAX} old; the same object while nothing changes.
   * @throws ParametersMissing before the first version is published; outages come as the driver's errors
   */
  async current(): Promise<ParametersDocument> {
    const newest = await this.newest.get('newest');
    if (newest === null) throw new ParametersMissing();
    if (this.composed?.of.version !== newest.version)
      this.composed = { of: newest, document: composeParameters(newest, this.keys) };
    return this.composed.document;
  }

  /**
   * The document for tills, signed once for each version. Signatures differ between instances, content does not; the
   * entity tag is that of the content.
   * @throws as {@link current}
   */
  async signedDocument(): Promise<SignedParameters> {
    const document = await this.current();
    if (this.signed?.version !== document.version) this.signed = sign(document, this.keys);
    return this.signed;
  }
}

/** The document of one version, without signature. */
export function composeParameters(published: PublishedVersion, keys: KeyRing): ParametersDocument {
  const { version, publishedAt, settings, taxRates } = published;
  return {
    version,
    environment: keys.environment,
    publishedAt: publishedAt.toISOString(),
    threshold: settings.threshold,
    offlineLimits: {
      hoursMax: settings.offlineHoursMax,
      invoicesMax: settings.offlineInvoicesMax,
      salesMax: settings.offlineSalesMax,
      atLimit: settings.offlineAtLimit,
    },
    deadlineMs: settings.deadlineMs,
    taxRates: [...taxRates],
    addresses: [...settings.addresses],
    verificationUrl: settings.verificationUrl,
    trustedKeys: [...keys.trustedKeys()],
    suspendedMaySell: settings.suspendedMaySell,
  };
}

function sign(document: ParametersDocument, keys: KeyRing): SignedParameters {
  const identity = keys.signingIdentity();
  const digest = createHash('sha256').update(JSON.stringify(document)).update(identity.x5c.join()).digest('base64url');
  return {
    version: document.version,
    jws: signParameters(document, identity),
    // Weak (RFC 9110, 8.8.1): two instances give documents of one content with different signatures.
    etag: `W/"${document.version}-${digest}"`,
  };
}
