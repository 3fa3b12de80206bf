import { judgeValidity } from '../../keys/judge-validity.js';
import { readEnvironment } from '../../registry/installation.js';
import { check, failed, type Finding, ok, warning } from './check.js';

/** Whether certificates are valid today and for some time yet. */
export const certificatesCheck = check({
  name: 'certificates',
  needs: ['keys'],
  look: ({ keys, clock }) =>
    keys.list().flatMap((entry): Finding[] => {
      const validity = judgeValidity(entry, new Date(clock.now()));
      if (validity === null) return [];
      const { state, seen, advice } = validity;
      if (state === 'valid') return [ok(seen)];
      return [state === 'ending' ? warning(seen, advice) : failed(seen, advice)];
    }),
});

/** Whether keys and database are of one environment. */
export const environmentCheck = check({
  name: 'environment',
  needs: ['keys', 'database'],
  look: async ({ keys, database }) => {
    const bound = await readEnvironment(database);
    if (bound === null)
      return [
        ok(
          `No server has started on this database yet; the first one binds it to the ${keys.environment} environment.`,
        ),
      ];
    return bound === keys.environment
      ? [ok(`Keys and database are of the ${bound} environment.`)]
      : [
          failed(
            `The keys are of the ${keys.environment} environment, but this database serves the ${bound} environment.`,
            'Name the other keys in KEYS_DIRECTORY, or another database in DATABASE_URL.',
          ),
        ];
  },
});
