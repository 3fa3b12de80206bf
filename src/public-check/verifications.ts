import { type Environment, parseCode, type Problem, problem } from '@tax-control/protocol';
import type { Checks } from './checks.js';
import type { ReceiptProof } from '@tax-control/protocol/console';
import type { ConfirmedInvoice } from './findings.js';
import type { Visitor } from './visitor.js';

/**
 * Answer of `GET /v1/verifications/{code}`.
 * @property knownBy the invoice was forgotten in a restore, and a customer's receipt is all that there is of it: its signature, or its print, proves it
 * @property total what came of `?total=`: `differs` and `fits` count as tries, and only a right one gives `invoice`
 */
export interface Verification {
  readonly code: string;
  readonly environment: Environment;
  readonly onFile: boolean;
  readonly knownBy?: ReceiptProof;
  readonly total?: 'not_given' | 'unreadable' | 'differs' | 'fits';
  readonly invoice?: Omit<ConfirmedInvoice, 'registeredAt' | 'contentRemovedAt'> & {
    readonly registeredAt: string | null;
    readonly contentRemovedAt: string | null;
  };
}

/** The same as the page of a code, for programs. */
export class Verifications {
  constructor(private readonly checks: Checks) {}

  async verify(text: string, { total, address }: Visitor): Promise<Verification | Problem> {
    const parsed = parseCode(text);
    if (parsed === null) return problem('code_mistyped');
    const { code, environment } = parsed;
    const finding = await this.checks.check({ paper: { by: 'code', code }, total, proof: null, address });
    if (finding.standing === 'too_many') return tooMany(finding.retryAfterMs);
    if (finding.standing !== 'on_file') return { code, environment, onFile: false };
    const check = finding.total;
    if (check.result === 'locked') return tooMany(check.retryAfterMs);
    const { knownBy } = finding;
    const proof = knownBy === null ? {} : { knownBy };
    const known = { code, environment, onFile: true, ...proof, total: check.result } as const;
    if (check.result !== 'fits') return known;
    const { registeredAt, contentRemovedAt, ...invoice } = check.invoice;
    const times = {
      registeredAt: registeredAt?.toISOString() ?? null,
      contentRemovedAt: contentRemovedAt?.toISOString() ?? null,
    };
    return { ...known, invoice: { ...invoice, ...times } };
  }
}

function tooMany(retryAfterMs: number): Problem {
  return problem('too_many_requests', { retryAfterMs });
}
