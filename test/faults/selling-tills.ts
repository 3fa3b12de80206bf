import { setTimeout as pause } from 'node:timers/promises';
import type { IssueAnswer, Problem } from '@tax-control/protocol';
import type { Pool } from 'pg';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { receiptOf, Till } from '../issuance/office.js';
import { call } from '../support/client.js';
import type { ServerPlace } from '../support/server.js';
import { makeTerminal } from '../support/terminals.js';

/** While a server is away, tills ask again so often. */
const RETRY_PAUSE_MS = 20;

/** Tills that sell one invoice after the other, each sent until its receipt comes, as a crash must let them. */
export interface SellingTills {
  /** Compact JWS of every invoice that was sent, by its id. */
  readonly sent: ReadonlyMap<string, { readonly till: Till; readonly jws: string }>;
  /** Receipts that arrived, by the id of their invoice. */
  readonly receipts: ReadonlyMap<string, string>;
  /** Attempts that failed: problem codes, or the connection's errors. */
  readonly failures: readonly string[];
  /** Lets them finish the invoice that they are at. */
  stop(): Promise<void>;
}

/** @param place where the server is at the moment; it may change */
export async function startSelling(place: () => ServerPlace, count: number): Promise<SellingTills> {
  const { superuser } = place();
  const tills = await Promise.all(
    Array.from({ length: count }, async () => new Till(await makeTerminal(place()), new TerminalDirectory(superuser))),
  );
  const sent = new Map<string, { till: Till; jws: string }>();
  const receipts = new Map<string, string>();
  const failures: string[] = [];
  const end = new AbortController();

  const sendUntilIssued = async (till: Till, invoiceId: string, jws: string): Promise<void> => {
    for (;;) {
      const answer = await attempt(place(), till, jws);
      if (typeof answer !== 'string') {
        receipts.set(invoiceId, answer.receipt);
        return;
      }
      failures.push(answer);
      await pause(RETRY_PAUSE_MS);
    }
  };
  const sell = async (till: Till): Promise<void> => {
    while (!end.signal.aborted) {
      const { invoice, jws } = till.sign();
      sent.set(invoice.id, { till, jws });
      await sendUntilIssued(till, invoice.id, jws);
    }
  };
  const all = Promise.all(tills.map(sell));
  return {
    sent,
    receipts,
    failures,
    stop: async () => {
      end.abort();
      await all;
    },
  };
}

/** @returns the answer, or what went wrong */
async function attempt(place: ServerPlace, till: Till, jws: string): Promise<IssueAnswer | string> {
  try {
    const answer = await call<IssueAnswer & Problem>(place, '/v1/invoices', {
      terminal: till.terminal,
      body: { invoice: jws },
    });
    const body = answer.json();
    return answer.status === 200 ? body : body.code;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

/** What must be true after any crash (I1 to I3): every receipt is on file as it was given, no code twice, every invoice once. */
export async function judgeLedger(superuser: Pool, { sent, receipts }: SellingTills): Promise<Record<string, unknown>> {
  const { rows } = await superuser.query<{ invoice_id: string; code: string; digest: Buffer }>(
    'SELECT invoice_id, code, ledger.digest FROM ledger JOIN content USING (sequence, registered_at)',
  );
  const onFile = new Map(rows.map((row) => [row.invoice_id, row]));
  const isOnFile = ([invoiceId, jws]: [string, string]): boolean => {
    const receipt = receiptOf({ result: 'issued', receipt: jws, warnings: [] });
    const row = onFile.get(invoiceId);
    return row?.code === receipt.code && row.digest.toString('base64url') === receipt.invoiceDigest;
  };
  return {
    receiptsLost: [...receipts].filter((entry) => !isOnFile(entry)).length,
    invoicesTwice: rows.length - onFile.size,
    codesTwice: rows.length - new Set(rows.map(({ code }) => code)).size,
    invoicesNeverSent: rows.filter(({ invoice_id: id }) => !sent.has(id)).length,
    invoicesWithoutReceipt: [...sent.keys()].filter((id) => !receipts.has(id)).length,
  };
}

export const NOTHING_LOST = {
  receiptsLost: 0,
  invoicesTwice: 0,
  codesTwice: 0,
  invoicesNeverSent: 0,
  invoicesWithoutReceipt: 0,
};
