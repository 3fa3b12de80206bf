import { startChild } from '../../bench/child.js';
import type { Attack } from '../attack.js';
import { ATTACKS } from '../attacks.js';
import { contextOf } from '../context.js';
import type { AttackCommand, AttackReport } from '../messages.js';
import { databaseCrashed, databaseFrozen, sessionsKilled } from './database-faults.js';
import type { SoakFault } from './soak-fault.js';

export const linesCut: SoakFault = {
  name: 'lines-cut',
  description: 'the connections of all honest tills break, whatever is under way; they open others at once',
  terminals: 0,
  async begin({ tills }) {
    await tills.ask({ command: 'cut' });
    return () => Promise.resolve();
  },
};

/** All of them, in a fixed order; a run draws others. A crowd that comes back (`storm`) is a load and no fault. */
export const SOAK_FAULTS: readonly SoakFault[] = [
  sessionsKilled,
  databaseFrozen,
  databaseCrashed,
  linesCut,
  ...ATTACKS.filter((attack) => attack.isOfHonestTills !== true).map(faultOf),
];

/** An attack that goes on for as long as a fault does, each time by a process of its own. */
function faultOf(attack: Attack): SoakFault {
  const { name, description, terminals } = attack;
  return {
    name,
    description,
    terminals,
    async begin({ stage, serverPid }) {
      const attacker = startChild<AttackCommand, AttackReport>('overload/attack-process.js', {}, true);
      const obey = async (command: AttackCommand): Promise<void> => {
        const { fault } = await attacker.ask(command);
        if (fault !== null) throw new Error(fault);
      };
      try {
        await obey({ command: 'prepare', name, context: contextOf(stage, attack, serverPid) });
        await obey({ command: 'run' });
      } catch (error) {
        await attacker.end();
        throw error;
      }
      return async () => {
        try {
          await obey({ command: 'end' });
        } finally {
          await attacker.end();
        }
      };
    },
  };
}
