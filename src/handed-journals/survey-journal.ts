import { commonNameOf } from '../authentication/peer.js';
import { isIdentifier } from '../registry/identifier.js';
import { readJournalFile, type Wholeness } from './read-journal-file.js';

/** Certificates and signers of one journal: the renewals of a till of a hundred years. */
const CERTIFICATES_MAX = 1_000;

/**
 * What a file holds, before anything of it is stored.
 * @property digest SHA-256 of the file
 * @property terminalId the terminal that the export names, or else the first invoice or a certificate; null: none of them does
 * @property certificates of that terminal by their common name, DER; by whom they were issued is not judged
 * @property signers thumbprints of the certificates that the invoices name
 * @property names taxpayer and premises in the newest of the certificates
 */
export interface JournalSurvey {
  readonly digest: Buffer;
  readonly wholeness: Wholeness;
  readonly terminalId: string | null;
  readonly invoices: number;
  readonly certificates: readonly Buffer[];
  readonly signers: readonly string[];
  readonly names: CertifiedNames;
}

/** What a certificate says of where its terminal was; null where it says nothing. */
export interface CertifiedNames {
  readonly taxpayerId: string | null;
  readonly premisesId: string | null;
}

/** Goes through a file once. @returns null: it is no export of a journal */
export async function surveyJournal(source: AsyncIterable<Buffer>): Promise<JournalSurvey | null> {
  let named: string | null = null;
  let first: string | null = null;
  let invoices = 0;
  const found = new Map<string, { readonly der: Buffer; readonly terminalId: string; readonly subject: string }>();
  const signers = new Set<string>();
  for await (const part of readJournalFile(source)) {
    switch (part.kind) {
      case 'no_export':
        return null;
      case 'till':
        named = part.terminalId;
        break;
      case 'certificate': {
        const { fingerprint256, raw: der, subject } = part.certificate;
        if (found.size < CERTIFICATES_MAX)
          found.set(fingerprint256, { der, subject, terminalId: commonNameOf(part.certificate) });
        break;
      }
      case 'invoice':
        invoices += 1;
        first ??= part.terminalId;
        if (part.signer !== null && signers.size < CERTIFICATES_MAX) signers.add(part.signer);
        break;
      case 'unreadable':
        break;
      case 'end': {
        const all = [...found.values()];
        const terminalId = named ?? first ?? all.at(-1)?.terminalId ?? null;
        const own = all.filter((one) => one.terminalId === terminalId);
        return {
          digest: part.digest,
          wholeness: part.wholeness,
          terminalId: terminalId !== null && isIdentifier(terminalId) ? terminalId : null,
          invoices,
          certificates: own.map(({ der }) => der),
          signers: [...signers],
          names: namesOf(own.at(-1)?.subject ?? ''),
        };
      }
    }
  }
  throw new Error('a file was read without its end');
}

function namesOf(subject: string): CertifiedNames {
  const attribute = (name: string): string | null => {
    const value = new RegExp(`^${name}=(.*)$`, 'm').exec(subject)?.[1];
    return value !== undefined && isIdentifier(value) ? value : null;
  };
  return { taxpayerId: attribute('O'), premisesId: attribute('OU') };
}
