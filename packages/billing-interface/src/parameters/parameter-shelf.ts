import { type Clock, type Parameters, readParameters } from '@tax-control/protocol';
import { utcTime } from '../clock.js';
import type { TrustedAuthorities } from '../enrolment/trusted-authorities.js';
import type { Journal } from '../journal/journal.js';

/** What became of a document that was offered. */
export interface Taking {
  readonly result: 'taken' | 'not_newer' | 'refused';
  readonly detail: string;
}

/**
 * The parameters that this till goes by, kept in its journal. A document is believed for its signature, never for the
 * way it came; what is stored is verified again at each start.
 */
export class ParameterShelf {
  #current: { readonly parameters: Parameters; readonly jws: string } | null;

  /** @param authorities whom this till believes; it learns others from the documents */
  constructor(
    private readonly journal: Journal,
    private readonly authorities: TrustedAuthorities,
    private readonly clock: Clock,
  ) {
    this.#current = this.#stored();
  }

  /** Null until a first document was taken. */
  get current(): Parameters | null {
    return this.#current?.parameters ?? null;
  }

  get etag(): string | null {
    return this.#current === null ? null : this.journal.read(() => this.journal.settings.get('parameters_etag'));
  }

  /** When the server last said what is in force, by the till's clock; null if never. */
  get checkedAt(): number | null {
    const text = this.journal.read(() => this.journal.settings.get('parameters_checked_at'));
    return text === null ? null : Number(text);
  }

  /** A document brought by any way: taken when its version is higher. */
  take(jws: string): Taking {
    return this.#offer(jws.trim(), null);
  }

  /** What the server itself just answered. The same version with other content is taken, too: keys may have been added to it. */
  takeFromServer(jws: string, etag: string | null): Taking {
    const taking = this.#offer(jws, { etag });
    if (taking.result !== 'refused') this.markChecked();
    return taking;
  }

  markChecked(): void {
    this.journal.tryTransaction(() => this.journal.settings.set('parameters_checked_at', String(this.clock.now())));
  }

  #offer(jws: string, server: { readonly etag: string | null } | null): Taking {
    const read = readParameters(jws, this.authorities.certificates);
    if (!read.ok)
      return { result: 'refused', detail: `${read.detail} Ask the operator for a document of this server.` };
    const { parameters } = read;
    this.authorities.learnEncoded(parameters.authorities ?? []);
    const known = this.#current?.parameters;
    if (known !== undefined && !this.#supersedes(parameters, jws, server !== null))
      return {
        result: 'not_newer',
        detail: `This till has version ${known.version} already; offered was ${parameters.version}.`,
      };
    if (known !== undefined && known.environment !== parameters.environment)
      return {
        result: 'refused',
        detail: `The document is of the environment ${parameters.environment}, this till of ${known.environment}.`,
      };
    this.#store(parameters, jws, server?.etag ?? null);
    return { result: 'taken', detail: `Version ${parameters.version} is in force at this till.` };
  }

  #supersedes(offered: Parameters, jws: string, fromServer: boolean): boolean {
    const version = this.#current?.parameters.version ?? 0;
    return offered.version > version || (fromServer && offered.version === version && jws !== this.#current?.jws);
  }

  #store(parameters: Parameters, jws: string, etag: string | null): void {
    const { settings, feed } = this.journal;
    const isNewVersion = parameters.version !== this.#current?.parameters.version;
    // In force at once, also where the disk does not take it: it is offered again after the next start.
    this.#current = { parameters, jws };
    this.journal.tryTransaction(() => {
      settings.set('parameters', jws);
      if (etag === null) settings.remove('parameters_etag');
      else settings.set('parameters_etag', etag);
      if (isNewVersion)
        feed.append({
          at: utcTime(this.clock.now()),
          kind: 'parameters',
          saleId: null,
          invoiceId: null,
          code: null,
          detail: `Parameters of version ${parameters.version} are in force at this till.`,
        });
    });
  }

  #stored(): { readonly parameters: Parameters; readonly jws: string } | null {
    const jws = this.journal.read(() => this.journal.settings.get('parameters'));
    if (jws === null) return null;
    const read = readParameters(jws, this.authorities.certificates);
    return read.ok ? { parameters: read.parameters, jws } : null;
  }
}
