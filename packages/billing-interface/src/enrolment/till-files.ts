import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { moveDurably, PUBLIC_MODE, readIfThere, SECRET_MODE, writeDurably } from './durable-file.js';
import { certificateFitsKey } from './identity.js';
import { makeFolder } from './make-folder.js';

const DIRECTORY_MODE = 0o700;

/** What `terminal.json` holds. `invitation`: digest of the invitation that enrolled this till last. */
export interface TerminalRecord {
  readonly terminalId: string;
  readonly addresses: readonly string[];
  readonly invitation: string;
}

/**
 * The folder of one till: `terminal.json`, `ca.pem`, `key.pem` (0600), `certificate.pem`, `journal.sqlite`.
 *
 * A new certificate comes with a new key, and two files cannot be exchanged at one moment. So the new pair is written as
 * `key-next.pem` (before anything is sent) and `certificate-next.pem` (when it has come), then both are renamed, the key
 * first; `settle` finishes that after a crash at any point. A key that was made for an invitation says so in a line of its
 * file, so that the same invitation finds its key again wherever a crash left it.
 */
export class TillFiles {
  readonly journal: string;
  readonly #terminal: string;
  readonly #authority: string;
  readonly #key: string;
  readonly #keyNext: string;
  readonly #certificate: string;
  readonly #certificateNext: string;

  constructor(readonly directory: string) {
    this.journal = join(directory, 'journal.sqlite');
    this.#terminal = join(directory, 'terminal.json');
    this.#authority = join(directory, 'ca.pem');
    this.#key = join(directory, 'key.pem');
    this.#keyNext = join(directory, 'key-next.pem');
    this.#certificate = join(directory, 'certificate.pem');
    this.#certificateNext = join(directory, 'certificate-next.pem');
  }

  /** Makes the folder, closed to everybody else. */
  prepare(): void {
    makeFolder(this.directory, DIRECTORY_MODE);
    chmodSync(this.directory, DIRECTORY_MODE);
  }

  terminal(): TerminalRecord | null {
    const text = readIfThere(this.#terminal);
    return text === null ? null : (JSON.parse(text) as TerminalRecord);
  }

  writeTerminal(record: TerminalRecord): void {
    writeDurably(this.#terminal, `${JSON.stringify(record, null, 2)}\n`, PUBLIC_MODE);
  }

  authority(): string | null {
    return readIfThere(this.#authority);
  }

  writeAuthority(pem: string): void {
    writeDurably(this.#authority, pem, PUBLIC_MODE);
  }

  key(): string | null {
    return readIfThere(this.#key);
  }

  certificate(): string | null {
    return readIfThere(this.#certificate);
  }

  /** The key of a certificate that was asked for and has not come yet. */
  keyNext(): string | null {
    return readIfThere(this.#keyNext);
  }

  /** @param invitation digest of the invitation that the key is made for; null for a renewal */
  writeKeyNext(pem: string, invitation: string | null): void {
    writeDurably(this.#keyNext, invitation === null ? pem : `${originLine(invitation)}${pem}`, SECRET_MODE);
  }

  /** The key that was made for an invitation, wherever it has got to. */
  keyMadeFor(invitation: string): string | null {
    return [this.keyNext(), this.key()].find((pem) => pem?.startsWith(originLine(invitation))) ?? null;
  }

  /** Takes the certificate that came for `key-next.pem`, and puts both in the place of the old pair. */
  takeCertificate(pem: string): void {
    writeDurably(this.#certificateNext, pem, PUBLIC_MODE);
    this.settle();
  }

  /** Ends an exchange of the pair that a crash interrupted. Idempotent; a certificate that fits no key here is left alone. */
  settle(): void {
    const certificate = readIfThere(this.#certificateNext);
    if (certificate === null) return;
    const [keyNext, key] = [this.keyNext(), this.key()];
    if (keyNext !== null && certificateFitsKey(certificate, keyNext)) moveDurably(this.#keyNext, this.#key);
    else if (key === null || !certificateFitsKey(certificate, key)) return;
    moveDurably(this.#certificateNext, this.#certificate);
  }
}

/** Text before the first dashes of a PEM file is a comment (RFC 7468, 2). */
function originLine(invitation: string): string {
  return `made for invitation: ${invitation}\n`;
}
