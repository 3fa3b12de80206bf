import { existsSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { ATTACKS } from './attacks.js';
import type { AttackCommand, AttackReport } from './messages.js';

/* The attacker: a process of its own, which gives way to the server and to the honest tills on a small machine, as one
 * on another machine would. Honest tills that come back in a crowd do not. */

const LOWEST_PRIORITY = 19;
/** The priority of this session among others, where Linux groups processes by session. */
const AUTOGROUP = '/proc/self/autogroup';

let givesWay = true;
let run: ((signal: AbortSignal) => Promise<void>) | undefined;
let running: Promise<void> | undefined;
const end = new AbortController();

async function obey(command: AttackCommand): Promise<void> {
  if (command.command === 'prepare') {
    const attack = ATTACKS.find(({ name }) => name === command.name);
    givesWay = attack?.isOfHonestTills !== true;
    run = await attack?.prepare(command.context);
  } else if (command.command === 'run') {
    if (givesWay) takeLowestPriority();
    running = run?.(end.signal);
    // What goes wrong is told when the attack is to end.
    running?.catch(() => undefined);
  } else {
    end.abort();
    await running;
  }
}

function takeLowestPriority(): void {
  setPriority(LOWEST_PRIORITY);
  if (existsSync(AUTOGROUP)) writeFileSync(AUTOGROUP, String(LOWEST_PRIORITY));
}

process.on('message', (command: AttackCommand) => {
  obey(command).then(
    () => process.send?.({ fault: null } satisfies AttackReport),
    (error: unknown) => process.send?.({ fault: String(error) } satisfies AttackReport),
  );
});
process.on('disconnect', () => process.exit(0));
