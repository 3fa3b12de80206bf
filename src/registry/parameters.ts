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

/** A document, and of which version and set of keys it was made. */
interface Composed {
  readonly version: number;
  readonly digest: string;
  readonly document: ParametersDocument;
}

/** What tills and server agree upon at present: the newest published version, with rates and keys. */
export class Parameters {
  private readonly newest: BriefCache<'newest', PublishedVersion | null>;
  private composed: Composed | null = null;
  private signed: { readonly of: ParametersDocument; readonly parameters: SignedParameters } | null = null;

  constructor(
    sql: Sql,
    private readonly keys: KeyRing,
    now: () => number = () => performance.now(),
  ) {
    this.newest = new BriefCache(() => readNewestVersion(sql), { ageMsMax: PARAMETERS_AGE_MS_MAX, entriesMax: 1, now });
  }

  /**
   * At most {@link PARAMETERS_AGE_MS_MAX} old; the same object while neither version nor keys change.
   * @throws ParametersMissing before the first version is published; outages come as the driver's errors
   */
  async current(): Promise<ParametersDocument> {
    const newest = await this.newest.get('newest');
    if (newest === null) throw new ParametersMissing();
    const { version } = newest;
    const { digest } = this.keys;
    if (this.composed?.version !== version || this.composed.digest !== digest)
      this.composed = { version, digest, document: composeParameters(newest, this.keys) };
    return this.composed.document;
  }

  /**
   * The document for tills, signed once for each version and set of keys. Signatures differ between instances, content does not; the
   * entity tag is that of the content.
   * @throws as {@link current}
   */
  async signedDocument(): Promise<SignedParameters> {
    const document = await this.current();
    if (this.signed?.of !== document) this.signed = { of: document, parameters: sign(document, this.keys) };
    return this.signed.parameters;
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
    ...authoritiesOf(keys),
    ...timeZonesOf(settings),
    ...roundingOf(settings),
    suspendedMaySell: settings.suspendedMaySell,
  };
}

/** Only where something was set: tills of before do not know it. */
function roundingOf({ cashRoundingMax }: PublishedVersion['settings']): Pick<ParametersDocument, 'cashRoundingMax'> {
  return Object.keys(cashRoundingMax).length === 0 ? {} : { cashRoundingMax };
}

function timeZonesOf({
  timeZone,
  premisesTimeZones,
}: PublishedVersion['settings']): Pick<ParametersDocument, 'timeZones'> {
  if (timeZone === null) return {};
  const zones = new Map<string, string[]>();
  for (const [premisesId, zone] of Object.entries(premisesTimeZones).toSorted(([one], [other]) =>
    one < other ? -1 : 1,
  ))
    zones.set(zone, [...(zones.get(zone) ?? []), premisesId]);
  const others = [...zones].map(([zone, premises]) => ({ timeZone: zone, premises }));
  return { timeZones: { default: timeZone, ...(others.length > 0 && { others }) } };
}

/** Only where there are several: a till has the one that there is from its invitation. */
function authoritiesOf(keys: KeyRing): Pick<ParametersDocument, 'authorities'> {
  if (keys.authorities().length === 1) return {};
  return { authorities: keys.authoritiesAndLinks().map(({ raw }) => raw.toString('base64')) };
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
