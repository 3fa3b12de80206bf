import { looseEnds, shownSecrets } from '../containment.js';
import { SERVERS } from '../installation.js';
import { ask } from '../ask.js';
import type { Stage } from '../stage.js';
import type { Opening } from './open-shop.js';

const OK = 200;

/** What customers, officials and whoever may ask the engine see of it. */
export async function lookAround({ installation, narrator }: Stage, { firstCode }: Opening): Promise<void> {
  narrator.step('Customers and officials look, and so does somebody who should not see much');
  const read = ['exec', '-T', 'server-1', 'cat', '/keys/ring/public-listener/certificate.pem'];
  const certificate = await installation.compose(read);
  for (const server of SERVERS) {
    const address = installation.publicAddress(server);
    const verification = await ask(`${address}/v1/verifications/${firstCode}`, certificate);
    const { onFile } = JSON.parse(verification.body) as { onFile?: boolean };
    narrator.check(verification.status === OK && onFile === true, `${server} says that the first receipt is on file.`);
    const page = await ask(`${address}/console`, certificate);
    narrator.check(page.status === OK && page.body.includes('<html'), `${server} shows the officials' console.`);
  }
  const examined = await installation.compose(['exec', '-T', 'server-1', 'tax-control', 'doctor', '--json']);
  narrator.check(
    examined.includes('"ok"'),
    'tax-control doctor finds nothing that fails in the container of server-1.',
  );
  const ends = await looseEnds(installation);
  narrator.check(
    ends.length === 0,
    ends.length === 0
      ? 'Every container: not root, read-only, no rights, bounded in memory, processes and log.'
      : `Not shut in as it should be: ${ends.join('; ')}.`,
  );
  const secrets = await shownSecrets(installation);
  narrator.check(
    secrets.length === 0,
    secrets.length === 0
      ? 'No secret stands in docker inspect, in the image, in its history or in a log.'
      : `Secrets that can be seen: ${secrets.join(', ')}.`,
  );
}
