import type { Problem } from '../catalogue/problems.js';

/**
 * `POST /v1/holdings`: which of these receipts has the server forgotten? Asked after a jump of its numbers, which is what a restored database
 * makes (docs/decisions/0045).
 */
export interface HoldingsRequest {
  /** Codes of receipts that this terminal holds, `LIMITS.holdingsMax` at most; none: all that it holds were asked for, as of `lastJump`. */
  readonly codes: readonly string[];
  /** The jump up to which all that this terminal holds is known to be on file; null: none yet. */
  readonly lastJump: number | null;
}

export interface HoldingsAnswer {
  /** Those of the codes that are not on file for this terminal. */
  readonly missing: readonly string[];
  /** As in every answer about invoices; null: the numbers never jumped. */
  readonly lastJump: number | null;
  /** No receipt with a number up to this one was forgotten since the jump that the terminal named; null: nothing is known to be kept. */
  readonly keptUpTo: number | null;
}

/** One invoice with the receipt that this server gave for it, each as compact JWS, byte for byte. */
export interface Holding {
  readonly invoice: string;
  readonly receipt: string;
}

/** `POST /v1/restorations`: 1 to threshold holdings. */
export interface RestorationRequest {
  readonly items: readonly Holding[];
}

/** `restored`: on file again with the same code, receipt and time; `on_file`: it was there, byte for byte. */
export type RestorationResult =
  { readonly result: 'restored' | 'on_file' } | { readonly result: 'refused' | 'deferred'; readonly problem: Problem };

export interface RestorationAnswer {
  /** One for each item, in the same order. */
  readonly results: readonly RestorationResult[];
}
