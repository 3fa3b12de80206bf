import { certificateThumbprint } from '@tax-control/protocol';
import type { InvitationOrder } from '../administration/terminals.js';
import { readEnrolmentSettings, readKeysSettings } from '../configuration/read-settings.js';
import { keyDirectory } from '../keys/key-directory.js';
import { readCertificate } from '../keys/secret-file.js';
import { isBaseAddress } from '../registry/till-settings.js';
import { misused, type NotDone } from './outcome.js';

const DAYS_MAX = 365;

export interface InvitationOptions {
  readonly address?: readonly string[];
  readonly ca?: string;
  readonly validDays?: number;
}

/** Checks the options, and reads the authority's certificate; its key is not needed for an invitation. */
export function readInvitationOrder({
  address,
  ca,
  validDays = readEnrolmentSettings().invitationDays,
}: InvitationOptions): InvitationOrder | NotDone {
  if (validDays < 1 || validDays > DAYS_MAX) return misused(`--valid-days must be between 1 and ${DAYS_MAX}.`);
  const badAddress = address?.find((one) => !isBaseAddress(one));
  if (badAddress !== undefined)
    return misused(`--address ${badAddress} is not https://host or https://host:port without a path.`);
  const certificate = ca ?? keyDirectory(readKeysSettings().directory).authority.certificate;
  return { addresses: address ?? null, caDigest: certificateThumbprint(readCertificate(certificate)), validDays };
}

/** What to tell if no addresses are published that could stand in an invitation. */
export const NO_ADDRESSES =
  'No addresses are published that could stand in the invitation. Name them with --address, or publish them: ' +
  'tax-control parameters set --address URL --verification-url URL';
