import { utcTime } from '../clock.js';
import type { TillIdentity } from '../enrolment/identity.js';
import { renew, renewalTime, spreadOf } from '../enrolment/renew.js';
import type { TillFiles } from '../enrolment/till-files.js';
import type { TrustedAuthorities } from '../enrolment/trusted-authorities.js';
import type { Line } from '../sender/line.js';
import type { TillParts } from './till-parts.js';

const RENEWAL_MS = 20_000;

/** Renews the certificate long before it expires, or as soon as the server says that it has. */
export class Renewer {
  #triedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly parts: TillParts,
    private readonly files: TillFiles,
    private readonly line: Line,
    private readonly authorities: TrustedAuthorities,
    private readonly onRenewed: (identity: TillIdentity) => void,
  ) {}

  /** @param pauseMs milliseconds between two tries */
  async renewIfDue(pauseMs: number): Promise<void> {
    const { clock, identity, standing } = this.parts;
    const current = identity();
    // Then only a new invitation helps; asking again would be refused each time.
    if (standing.cause === 'certificate_expired_long_ago') return;
    const hasExpired = standing.cause === 'certificate_expired';
    if (!hasExpired && clock.now() < renewalTime(current, spreadOf(current))) return;
    if (clock.monotonicMs() - this.#triedAt < pauseMs) return;
    this.#triedAt = clock.monotonicMs();
    await this.parts.lane.run('background', () => this.#renew(current));
  }

  async #renew(current: TillIdentity): Promise<void> {
    const { clock, journal, lineState } = this.parts;
    const began = clock.monotonicMs();
    const until = began + RENEWAL_MS;
    const result = await renew(this.files, this.line, current, this.authorities, { connectBy: until, answerBy: until });
    // A till that may not renew again today (`too_many_requests`, a day) goes on selling online.
    if (!result.ok) return lineState.failedInBackground(result.failure, began);
    const { identity } = result;
    const notAfter = identity.notAfter.toISOString();
    journal.tryTransaction(() => {
      journal.settings.addCertificate(identity.thumbprint, identity.certificatePem, clock.now());
      const event = {
        at: utcTime(clock.now()),
        kind: 'certificate',
        saleId: null,
        invoiceId: null,
        code: null,
      } as const;
      journal.feed.append({ ...event, detail: `The certificate was renewed; it is valid until ${notAfter}.` });
    });
    this.onRenewed(identity);
  }
}
