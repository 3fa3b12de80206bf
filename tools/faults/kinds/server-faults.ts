import { type FaultKind, numberOf, type PlannedFault } from '../fault.js';
import { SERVERS } from '../size.js';
import type { Random } from '../../simulator/random.js';
import type { Scene } from '../scene.js';

const aim = (random: Random) => {
  const server = random.whole(0, SERVERS - 1);
  return { holds: [`server ${server}`], detail: { server } };
};

function serverOf(scene: Scene, fault: PlannedFault) {
  const index = numberOf(fault, 'server');
  const server = scene.servers[index];
  if (server === undefined) throw new RangeError(`there is no server ${index}`);
  return { index, server };
}

/** What happens to a server process. */
export const SERVER_FAULTS: readonly FaultKind[] = [
  {
    name: 'server_killed',
    what: 'a server is killed (SIGKILL) and started again',
    lasts: [200, 4_000],
    share: 2,
    aim,
    act: async (scene, fault, lasting) => {
      const { index, server } = serverOf(scene, fault);
      await scene.startServer(index);
      await server.kill();
      await lasting.over();
      await scene.startServer(index);
      return { count: 1, of: 'processes killed' };
    },
  },
  {
    name: 'server_stopped',
    what: 'a server stands still (SIGSTOP) for longer than a sale waits',
    lasts: [2_000, 5_000],
    aim,
    act: async (scene, fault, lasting) => {
      const { pid } = await serverOf(scene, fault).server.start();
      process.kill(pid, 'SIGSTOP');
      try {
        await lasting.over();
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      return { count: 1, of: 'processes stopped' };
    },
  },
  {
    name: 'server_ended',
    what: 'a server is told to end (SIGTERM) under load, and started again',
    lasts: [200, 3_000],
    aim,
    act: async (scene, fault, lasting) => {
      const { index, server } = serverOf(scene, fault);
      await scene.startServer(index);
      await server.stop();
      await lasting.over();
      await scene.startServer(index);
      return { count: 1, of: 'processes ended' };
    },
  },
];
