import {
  judgeDurability,
  judgeEncoding,
  judgeVersion,
  judgeWritable,
  majorVersion,
  POSTGRES_MAJOR_MAX,
  POSTGRES_MAJOR_MIN,
  readServerState,
} from '../../database/judge-server.js';
import { check, failed, ok, warning } from './check.js';

/** Whether the version of PostgreSQL is one that was tried. */
export const databaseVersionCheck = check({
  name: 'database-version',
  needs: ['database'],
  look: async ({ database }) => {
    const state = await readServerState(database);
    const faults = [...judgeVersion(state), ...judgeEncoding(state)];
    if (faults.length > 0) return faults.map(({ seen, advice }) => failed(seen, advice));
    const major = majorVersion(state);
    return major > POSTGRES_MAJOR_MAX
      ? [
          warning(
            `The database is PostgreSQL ${major}; this version of the program was tried with ${POSTGRES_MAJOR_MIN} to ${POSTGRES_MAJOR_MAX}.`,
            'It is expected to work. Try it with your own tills before production, and look for a later version of this program.',
          ),
        ]
      : [ok(`PostgreSQL ${major}, text as UTF8; supported: ${POSTGRES_MAJOR_MIN} to ${POSTGRES_MAJOR_MAX}.`)];
  },
});

/** Whether it takes writing. */
export const writableCheck = check({
  name: 'writable',
  needs: ['database'],
  look: async ({ database }) => {
    const faults = judgeWritable(await readServerState(database));
    return faults.length > 0
      ? faults.map(({ seen, advice }) => failed(seen, advice))
      : [ok('The database is a primary and takes writing.')];
  },
});

/** Whether what it confirmed survives a power cut. */
export const durabilityCheck = check({
  name: 'durability',
  needs: ['database'],
  look: async ({ database }) => {
    const state = await readServerState(database);
    const faults = judgeDurability(state);
    return faults.length > 0
      ? faults.map(({ seen, advice }) => failed(seen, advice))
      : [ok(`fsync and full_page_writes are on, synchronous_commit is ${state.synchronous_commit}.`)];
  },
});
