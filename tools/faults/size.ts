import type { Random } from '../simulator/random.js';

/** Servers on one database, each behind a line of its own: two, so that one may fail while tills go to the other. */
export const SERVERS = 2;

/** How large a scene is. */
export interface Size {
  readonly agents: number;
  readonly terminals: number;
}

/** The till that is dead for good where one is: no other fault aims at it. */
export const lastTill = ({ terminals }: Size): string => tillNamed(terminals);

/** Any other till, and the part that breaks with it. */
export function anyTill(
  random: Random,
  { terminals, agents }: Size,
): { readonly terminal: string; readonly agent: string } {
  const number = random.whole(1, terminals - 1);
  return { terminal: tillNamed(number), agent: `agent ${Math.floor((number - 1) / Math.ceil(terminals / agents))}` };
}

export function tillNamed(number: number): string {
  return `till-${number}`;
}
