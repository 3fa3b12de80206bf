import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicKey } from 'node:crypto';
import { encodeInvitation, systemClock } from '@tax-control/protocol';
import type { InvoiceDraft } from '../api.js';
import { makeKeyPem } from '../enrolment/certificate-request.js';
import { TillFiles } from '../enrolment/till-files.js';
import { TrustedAuthorities } from '../enrolment/trusted-authorities.js';
import { openJournal } from '../journal/open-journal.js';
import { ParameterShelf } from '../parameters/parameter-shelf.js';
import type { Life, TestAuthority } from './authority.js';
import { SECRET, type StandInServer, TERMINAL } from './stand-in-server.js';

/** A file system in memory, where there is one: a till syncs with every sale, and a spec's disk need not outlive a power cut. */
const MEMORY = '/dev/shm';

/** A folder of its own for one spec. */
export function temporaryFolder(): { readonly directory: string; remove(): void } {
  const directory = mkdtempSync(join(isWritable(MEMORY) ? MEMORY : tmpdir(), 'till-'));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Fills a folder as `enrol` would, without asking anybody, for specs of what comes after. */
export async function enrolledFolder(
  directory: string,
  authority: TestAuthority,
  server: StandInServer,
  life: Life = {},
): Promise<TillFiles> {
  const files = new TillFiles(directory);
  files.prepare();
  const keyPem = makeKeyPem();
  files.writeKeyNext(keyPem, null);
  files.writeAuthority(authority.pem);
  const certificate = await authority.terminalPem(TERMINAL, createPublicKey(keyPem), life);
  files.takeCertificate(certificate);
  server.knowCertificate(certificate);
  files.writeTerminal({ terminalId: TERMINAL.terminalId, addresses: [server.address], invitation: 'none' });
  takeParameters(files, authority, server);
  return files;
}

/** Puts the office's parameters into the journal, as a document on a stick would come. */
export function takeParameters(files: TillFiles, authority: TestAuthority, server: StandInServer): void {
  const journal = openJournal({ file: files.journal, program: 'spec', clock: systemClock });
  const shelf = new ParameterShelf(journal, new TrustedAuthorities(authority.pem), systemClock);
  const { jws, etag } = server.office.signedParameters();
  shelf.takeFromServer(jws, etag);
  journal.close();
}

export function invitationOf(server: StandInServer, authority: TestAuthority): string {
  const { terminalId } = TERMINAL;
  return encodeInvitation({ addresses: [server.address], caDigest: authority.digest, terminalId, secret: SECRET });
}

/** A small sale: 3 × 2.55 at 20 per cent, gross. */
export function draft(number: string, overrides: Partial<InvoiceDraft> = {}): InvoiceDraft {
  return {
    kind: 'sale',
    number,
    currency: 'GBP',
    priceBasis: 'gross',
    lines: [
      { type: 'goods', description: 'Tea light holder', quantity: '3', unitPrice: '255', taxCategory: 'standard' },
    ],
    payments: [{ method: 'cash', amount: 765 }],
    ...overrides,
  };
}
