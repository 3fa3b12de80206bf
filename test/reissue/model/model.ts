import { randomUUID } from 'node:crypto';
import type { Invoice, InvoiceResult } from '@tax-control/protocol';
import { expect } from 'vitest';
import { receiptOf, warningsOf } from '../../issuance/office.js';

export const TILLS = 2;

/** What becomes of the answer. */
export type Line = 'good' | 'lost';
export const LINES: readonly Line[] = ['good', 'good', 'lost'];

/** An invoice that a till signed, and all that has to be so of it. */
export interface Made {
  readonly till: number;
  readonly invoice: Invoice;
  readonly jws: string;
  readonly digest: string;
  /** What a refund or void takes back: all of it. */
  readonly original: Made | null;
  /** The receipt that was given last, whether its answer came through or not. */
  given: string | null;
  isOnFile: boolean;
  /** Whether the till has the receipt. It waits in its journal otherwise. */
  isHeld: boolean;
}

/** What a till is about to sign. */
export interface Journal {
  id: string;
  counter: number;
  digest: string | null;
}

export type Refused = Pick<Made, 'till' | 'invoice' | 'jws'>;

/** The server in short: what was given stays given, and an answer follows from what is on file. */
export class Model {
  readonly made: Made[] = [];
  readonly refused: Refused[] = [];
  readonly codes = new Set<string>();
  readonly journals = Array.from({ length: TILLS }, (): Journal => ({ id: randomUUID(), counter: 0, digest: null }));

  get onFile(): Made[] {
    return this.made.filter(({ isOnFile }) => isOnFile);
  }

  waiting(till: number): Made[] {
    return this.made.filter((one) => one.till === till && !one.isHeld);
  }

  held(till: number): Made[] {
    return this.made.filter((one) => one.till === till && one.isHeld);
  }

  newestHeld(till: number): Made | undefined {
    return this.held(till)
      .toSorted((one, other) => (codeOf(one) < codeOf(other) ? -1 : 1))
      .at(-1);
  }

  /** Refused ones count, too: their counters are accounted for, also where what came before them was forgotten. */
  lastCounter(journalId: string): number | null {
    const counters = [...this.onFile, ...this.refused].filter(({ invoice }) => invoice.journalId === journalId);
    return counters.length === 0 ? null : Math.max(...counters.map(({ invoice }) => invoice.counter));
  }

  /** Takes the answer to an invoice as what it must be. */
  settle(one: Made, result: InvoiceResult, line: Line): void {
    if (one.isOnFile)
      agree([result.result, 'receipt' in result ? result.receipt : null], ['already_issued', one.given]);
    else {
      if (result.result !== 'issued') throw new Error(`not issued: ${JSON.stringify(result)}`);
      agree(
        warningsOf(result).filter((code) => JUDGED.includes(code)),
        this.#warningsOf(one),
      );
      const { code, invoiceDigest } = receiptOf(result);
      if (this.codes.has(code)) throw new Error(`the code ${code} was given twice`);
      agree(invoiceDigest, one.digest);
      this.codes.add(code);
      one.given = result.receipt;
      one.isOnFile = true;
    }
    if (line === 'good') one.isHeld = true;
  }

  /** Of a new one, before it is on file. */
  #warningsOf({ original, invoice }: Made): string[] {
    const taken = this.onFile.filter((other) => other.original !== null && other.original === original);
    const isTwin = [...this.onFile, ...this.refused].some(
      (other) => isSameCounter(other.invoice, invoice) && other.invoice.id !== invoice.id,
    );
    const ofOriginal =
      original === null || original.isOnFile
        ? [
            ...(taken.length > 0 ? ['refunds_above_original'] : []),
            ...(taken.some((other) => other.invoice.kind === 'void') ? ['original_already_voided'] : []),
          ]
        : ['original_unknown'];
    return [...ofOriginal, ...(isTwin ? ['counter_fork'] : [])];
  }

  /** What is to be found, a line each. */
  findings(): string[] {
    const { onFile } = this;
    return [...new Set(this.made.map(({ invoice }) => invoice.journalId))].flatMap((journalId) => {
      const of = (list: readonly Refused[]) => list.filter(({ invoice }) => invoice.journalId === journalId);
      const counters = new Set([...of(onFile), ...of(this.refused)].map(({ invoice }) => invoice.counter));
      const gaps = Array.from({ length: Math.max(0, ...counters) }, (_, index) => index + 1).filter(
        (counter) => !counters.has(counter),
      );
      const at = (counter: number) => onFile.filter((one) => isSameCounter(one.invoice, { journalId, counter }));
      const usesOf = (counter: number) =>
        [...at(counter), ...this.refused.filter((one) => isSameCounter(one.invoice, { journalId, counter }))].map(
          ({ invoice }) => invoice.id,
        );
      const forks = [...counters].filter((counter) => at(counter).length > 0 && new Set(usesOf(counter)).size > 1);
      const broken = [...counters].flatMap((counter) => {
        const before = at(counter - 1);
        const isJudged =
          before.length > 0 &&
          !this.refused.some(({ invoice }) => isSameCounter(invoice, { journalId, counter: counter - 1 }));
        return at(counter)
          .filter(({ invoice }) => isJudged && !before.some(({ digest }) => digest === invoice.previousDigest))
          .map(({ invoice }) => invoice.id);
      });
      return [
        ...gaps.map((counter) => `gap ${journalId} ${counter}`),
        ...forks.map((counter) => `fork ${journalId} ${counter}`),
        ...broken.map((id) => `broken_chain ${id}`),
      ];
    });
  }
}

/** Warnings that the model knows of, in the catalogue's order. */
const JUDGED = ['original_unknown', 'refunds_above_original', 'original_already_voided', 'counter_fork'];

type Place = Pick<Invoice, 'journalId' | 'counter'>;
const isSameCounter = (one: Place, other: Place) => one.journalId === other.journalId && one.counter === other.counter;
export const codeOf = ({ given }: Made): string =>
  given === null ? '' : receiptOf({ result: 'issued', receipt: given, warnings: [] }).code;

/** Of an answer, and of the model. */
export function agree(found: unknown, wanted: unknown): void {
  expect(found).toEqual(wanted);
}
