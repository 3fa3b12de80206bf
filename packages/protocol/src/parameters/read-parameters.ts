import { isBeforeExpiry, readSignedDocument, signDocument, type SigningIdentity } from '../jws/signed-document.js';
import { authoritiesOf, type Trust } from '../keys/authorities.js';
import { publicKeyFromJwk } from '../keys/thumbprint.js';
import { tolerant } from '../schema/tolerant.js';
import { validator } from '../schema/validator.js';
import { isTimeZone } from '../time-zone.js';
import { type Parameters, parametersSchema } from './parameters.js';

/** `typ` of the parameters' header. */
export const PARAMETERS_TYPE = 'parameters+jws';

export type ParametersReading =
  { readonly ok: true; readonly parameters: Parameters } | { readonly ok: false; readonly detail: string };

const parametersShape = validator<Parameters>(tolerant(parametersSchema));

/** Signs the parameters with the server's signing certificate. */
export function signParameters(parameters: Parameters, identity: SigningIdentity): string {
  return signDocument(PARAMETERS_TYPE, parameters, identity);
}

/**
 * Reads a parameters document that came by any way. The signing certificate must not have expired when the document was
 * published; that it has since, or that the till's clock is wrong, invalidates nothing, however long an outage lasts.
 * (It may be younger than the document: a new certificate signs what was published under the old one.)
 * Whether it is newer than what the till has (`version`) is for the caller. Members that a later server adds are passed over.
 * @param trust certificates of the authorities that the reader trusts
 */
export function readParameters(text: string, trust: Trust): ParametersReading {
  const document = readSignedDocument(text.trim(), PARAMETERS_TYPE, authoritiesOf(trust));
  if (!document.ok) return document;
  const { value, certificate } = document;
  if (!parametersShape.accepts(value)) {
    const [fault] = parametersShape.faults(value);
    return { ok: false, detail: `The document does not have the agreed shape at ${fault?.pointer}: ${fault?.detail}` };
  }
  if (!isBeforeExpiry(certificate, value.publishedAt))
    return { ok: false, detail: 'The document was published after its signing certificate had expired.' };
  if (value.trustedKeys.some((key) => publicKeyFromJwk(key) === null))
    return {
      ok: false,
      detail: 'The document lists a key that is no key on P-256 or whose kid is not its thumbprint.',
    };
  const unknown = zonesOf(value).find((zone) => !isTimeZone(zone));
  if (unknown !== undefined)
    return {
      ok: false,
      detail: `The document names the time zone ${JSON.stringify(unknown)}, which is not known here.`,
    };
  return { ok: true, parameters: value };
}

function zonesOf({ timeZones }: Parameters): string[] {
  return timeZones === undefined
    ? []
    : [timeZones.default, ...(timeZones.others ?? []).map(({ timeZone }) => timeZone)];
}

/** The time zone (IANA name) of some premises; null where the parameters name none. */
export function timeZoneOf({ timeZones }: Pick<Parameters, 'timeZones'>, premisesId: string): string | null {
  if (timeZones === undefined) return null;
  const other = timeZones.others?.find(({ premises }) => premises.includes(premisesId));
  return other?.timeZone ?? timeZones.default;
}
