import { createHash } from 'node:crypto';
import { type Parameters as ParametersDocument, problem, type Problem, signCompactJws } from '@tax-control/protocol';
import type { KeyRing } from '../keys/key-ring.js';
import { BriefCache } from './brief-cache.js';
import { type PublishedVersion, readNewestVersion } from './parameters-store.js';
import type { Sql } from './sql.js';

/** How old what is believed may be: a change is in force on every instance within a second, look-up included. */
const PARAMETERS_AGE_MS_MAX = 500;

/** `typ` of a signed parameters document. */
const DOCUMENT_TYPE = 'parameters+jws';

/** No operator has published parameters yet. It bears the problem that whoever asked is to be told. */
export class ParametersMissing extends Error {
  override readonly name = 'ParametersMissing';
  readonly problem: Problem = problem('parameters_missing');

  constructor() {
    super('no parameters were published; publish them with `tax-control parameters set`');
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
    if (this.signed?.version !== document.version) this.signed = signParameters(document, this.keys);
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

/** Signs a document with the signing certificate in its header, so that it can be carried to a till in any way. */
export function signParameters(document: ParametersDocument, keys: KeyRing): SignedParameters {
  const { key, x5c } = keys.signingIdentity();
  const payload = JSON.stringify(document);
  const digest = createHash('sha256').update(payload).update(x5c.join()).digest('base64url');
  return {
    version: document.version,
    jws: signCompactJws({ typ: DOCUMENT_TYPE, x5c }, payload, key),
    // Weak (RFC 9110, 8.8.1): two instances give documents of one content with different signatures.
    etag: `W/"${document.version}-${digest}"`,
  };
}
