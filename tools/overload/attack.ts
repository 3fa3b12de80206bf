import type { BenchTerminal } from '../bench/terminals.js';

/** Where the server under attack is, and what an attacker may have. Plain data: it goes to another process. */
export interface AttackContext {
  readonly host: string;
  readonly ports: { readonly terminals: number; readonly public: number; readonly operator: number };
  readonly authorityPem: string;
  /** Active terminals of the attacker's, each with a certificate in force. */
  readonly terminals: readonly BenchTerminal[];
  /** Of the database, for attacks that need the operating system or the office on their side. */
  readonly superuserUrl: string;
  readonly serverPid: number;
}

/** What must hold for the others while an attack goes on. */
export interface AttackBounds {
  /** Their p99, as a multiple of what it is on a quiet server. */
  readonly p99RatioMax: number;
  /** Share of their sales that have no code within the deadline, 0 to 1. */
  readonly withoutCodeMax: number;
  /** From the end of the attack until a whole second passes in which every sale has its code in time. */
  readonly recoveryMsMax: number;
}

/** What the issue of overload asks for, where an attack says nothing else. */
export const USUAL_BOUNDS: AttackBounds = { p99RatioMax: 3, withoutCodeMax: 0.01, recoveryMsMax: 2_000 };

/**
 * Where an attack opens a hundred connections at once, their handshakes alone take longer than a sale does on a quiet server: sales have their
 * codes in time, and how much later is not bounded.
 */
export const BOUNDS_OF_CROWDS: AttackBounds = { ...USUAL_BOUNDS, p99RatioMax: Infinity };

/** One way to overload a server. */
export interface Attack {
  readonly name: string;
  /** One line for a person. */
  readonly description: string;
  /** Terminals that it needs. */
  readonly terminals: number;
  readonly bounds: AttackBounds;
  /** Whether those who come are honest, and what they wait for is measured as well: then they give way to nobody. */
  readonly isOfHonestTills?: true;
  /**
   * Makes everything that takes time beforehand; nothing of it is measured.
   *
   * @returns what carries the attack out until the signal comes; it ends then, and leaves nothing behind
   */
  prepare(context: AttackContext): Promise<(signal: AbortSignal) => Promise<void>>;
}
