import type { Pool } from 'pg';
import { certificateThumbprint } from '@tax-control/protocol';
import { readEnrolmentSettings, readKeysSettings } from '../configuration/read-settings.js';
import { keyDirectory } from '../keys/key-directory.js';
import { readCertificate } from '../keys/secret-file.js';
import { readNewestVersion } from '../registry/parameters-store.js';
import { isBaseAddress } from '../registry/till-settings.js';
import { misused, type NotDone, refused } from './outcome.js';

const DAYS_MAX = 365;

export interface InvitationOptions {
  readonly address?: readonly string[];
  readonly ca?: string;
  readonly validDays?: number;
}

/** What invitations have in common. `addresses` null: those that are published. `caDigest`: what tills pin. */
export interface InvitationTerms {
  readonly addresses: readonly string[] | null;
  readonly caDigest: string;
  readonly validDays: number;
}

/** Checks the options, and reads the authority's certificate; its key is not needed for an invitation. */
export function readInvitationTerms({
  address,
  ca,
  validDays = readEnrolmentSettings().invitationDays,
}: InvitationOptions): InvitationTerms | NotDone {
  if (validDays < 1 || validDays > DAYS_MAX) return misused(`--valid-days must be between 1 and ${DAYS_MAX}.`);
  const badAddress = address?.find((one) => !isBaseAddress(one));
  if (badAddress !== undefined)
    return misused(`--address ${badAddress} is not https://host or https://host:port without a path.`);
  const certificate = ca ?? keyDirectory(readKeysSettings().directory).authority.certificate;
  return { addresses: address ?? null, caDigest: certificateThumbprint(readCertificate(certificate)), validDays };
}

/** The addresses of the newest parameters, or how to publish some. */
export async function readPublishedAddresses(pool: Pool): Promise<readonly string[] | NotDone> {
  const addresses = (await readNewestVersion(pool))?.settings.addresses ?? [];
  if (addresses.length > 0) return addresses;
  return refused(
    'No addresses are published that could stand in the invitation. Name them with --address, or publish them: ' +
      'tax-control parameters set --address URL --verification-url URL',
  );
}
