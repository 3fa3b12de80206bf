import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { publishParameters } from '../bench/publish-parameters.js';
import { makeTerminals } from '../bench/terminals.js';
import { enrolTill } from '../fleet/enrol-till.js';
import { registerShop } from '../fleet/register-shop.js';
import { startLocal } from '../local/start-local.js';
import { EXIT_USAGE, runTool } from '../screen/run-tool.js';
import { groupDigits, tableLines } from '../screen/table.js';
import { Things } from '../screen/things.js';
import { startAgent } from './agent.js';
import { faultsOf, type FuzzPlace, runFuzz } from './run-fuzz.js';

/** Requests on the wire at once: enough that one which is never answered holds up few others, few enough that no queue fills. */
const LANES = 20;
const REQUESTS = 5_000;
const TILL = 'fuzz-till';
/** Between two lines that say how far it is. */
const PROGRESS_EVERY = 5_000;

interface Flags {
  readonly requests: number;
  readonly seed: string;
  readonly json: boolean;
}

function wholeNumber(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1 to 999999999.');
  return Number(text);
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

await new Command('npm run fuzz --')
  .description(
    'Sends mutated requests to every listener of a server of its own and to a till’s agent, and looks for 5xx and for memory that grows.',
  )
  .option('--requests <n>', 'how many', wholeNumber, REQUESTS)
  .option('--seed <text>', 'the same seed makes the same requests', '1')
  .option('--json', 'one JSON object as the last line', false)
  .addHelpText(
    'after',
    `
Exit status: 0 no request was answered with 5xx, and memory stayed; 1 one was, or something failed; 2 wrong usage; 130 interrupted.

Example:
  npm run fuzz -- --requests 100000 --seed 7`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .action(async ({ requests, seed, json }: Flags) => {
    const things = new Things();
    await runTool({
      name: 'fuzz',
      things,
      say,
      run: async (folder) => {
        const place = await setPlace(folder, things);
        say(`${requests} requests with seed ${seed} …`);
        const result = await runFuzz(
          place,
          seed,
          requests,
          (done) => {
            if (done % PROGRESS_EVERY === 0) say(`${done} of ${requests}`);
          },
          things.signal,
        );
        const faults = faultsOf(result);
        for (const fault of faults) say(`✗ ${fault}`);
        const rows = Object.entries(result.answers).toSorted(([one], [other]) => one.localeCompare(other));
        const lines = tableLines(rows.map(([answer, count]) => [answer, groupDigits(count)]));
        process.stdout.write(`${lines.join('\n')}\n`);
        return { isWell: faults.length === 0, lastLine: json ? JSON.stringify(result) : null };
      },
    });
  })
  .parseAsync();

async function setPlace(folder: string, things: Things): Promise<FuzzPlace> {
  const report = (step: string): void => say(`${step} …`);
  const local = await startLocal({ directory: join(folder, 'local'), report, signal: things.signal });
  things.add(() => local.stop());
  void local.broken.then((what) => things.fail(what));
  await publishParameters(local);
  report('Registering tills');
  const terminals = await makeTerminals(LANES, local.paths.keys, local.databaseUrls.superuser);
  const [invited] = await registerShop(local, {
    taxpayerId: 'fuzz-shop',
    taxpayerName: 'Shop',
    premisesId: 'fuzz-premises',
    premisesName: 'Main street',
    region: 'North',
    activity: 'retail',
    address: 'Road 2',
    terminalIds: [TILL],
  });
  if (invited === undefined) throw new Error('no till was invited');
  const till = await enrolTill(invited.invitation, join(folder, 'tills', TILL), 'fuzz');
  await till.close();
  const agent = await startAgent(join(folder, 'tills'));
  things.add(() => agent.stop());
  const port = (address: string): number => Number(new URL(address).port);
  const { terminals: tillsAt, public: publicAt, operator: operatorAt } = local.addresses;
  return {
    host: '127.0.0.1',
    ports: { terminals: port(tillsAt), public: port(publicAt), operator: port(operatorAt), agent: agent.port },
    authorityPem: await readFile(join(local.paths.keys, 'ca', 'certificate.pem'), 'utf8'),
    terminals,
    agent: { terminalId: TILL, authorization: agent.authorization },
    processes: { server: (await local.server.start()).pid, agent: agent.pid },
  };
}
