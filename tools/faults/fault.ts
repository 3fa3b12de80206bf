import type { Random } from '../simulator/random.js';
import type { Scene } from './scene.js';
import type { Size } from './size.js';

/** What is broken, and how: words and numbers that a schedule can be printed with. */
export interface Aim {
  /** Parts that nothing else may break meanwhile: `server 0`, `line 1`, `database`, `agent 2`, `office`. */
  readonly holds: readonly string[];
  readonly detail: Readonly<Record<string, number | string | boolean>>;
}

/** A fault that will take place: from `atMs` after the first sale, for `forMs`. */
export interface PlannedFault extends Aim {
  readonly id: number;
  readonly kind: string;
  readonly atMs: number;
  readonly forMs: number;
}

/**
 * What a fault came to. `count` 0: it was planned, and nothing noticed it.
 * @property of what was counted, in plural
 * @property impossible why this machine can't have it
 */
export interface Effect {
  readonly count: number;
  readonly of: string;
  readonly impossible?: string;
}

/** The time that a fault lasts. */
export interface Lasting {
  /** Resolves at its end, or at once when the run is interrupted. */
  over(): Promise<void>;
  isOver(): boolean;
}

/** A kind of fault. */
export interface FaultKind {
  readonly name: string;
  readonly what: string;
  /** Shortest and longest, in milliseconds. */
  readonly lasts: readonly [number, number];
  /** How often it is drawn beside the others; 1, if left out. */
  readonly share?: number;
  /** At most so many in one run; any number, if left out. */
  readonly most?: number;
  aim(random: Random, size: Size): Aim;
  /** Breaks, waits until it is over, heals. What it throws fails the run: the tool could not do what it had planned. */
  act(scene: Scene, fault: PlannedFault, lasting: Lasting): Promise<Effect>;
}

/** A member of a fault's detail, as the kind has drawn it. */
export function numberOf({ detail, kind }: PlannedFault, name: string): number {
  const value = detail[name];
  if (typeof value !== 'number') throw new TypeError(`${kind} has no number ${name}`);
  return value;
}

export function textOf({ detail, kind }: PlannedFault, name: string): string {
  const value = detail[name];
  if (typeof value !== 'string') throw new TypeError(`${kind} has no text ${name}`);
  return value;
}
