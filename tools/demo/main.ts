import { Command } from 'commander';
import { offerConsole, offerLines } from '../fleet/offer-console.js';
import { EXIT_USAGE, runTool } from '../screen/run-tool.js';
import { paintFor } from '../screen/style.js';
import { Things } from '../screen/things.js';
import { closingLines, faultsOf } from './closing-table.js';
import { Narrator } from './narrator.js';
import { play } from './play.js';

const MS_PER_SECOND = 1_000;

await new Command('npm run demo --')
  .description('Shows the main job: tills get tax control codes, online and through an outage, and nothing is lost.')
  .option('--keep', 'stay up afterwards, and print a sign-in for the officials’ console', false)
  .option('--json', 'the last line of standard output is one JSON object with what was counted', false)
  .addHelpText(
    'after',
    '\nExit status: 0 all held, 1 something did not, 2 wrong usage, 130 interrupted. With --keep the same, when Ctrl-C has ended it.',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .action(async ({ json, keep }: { readonly json: boolean; readonly keep: boolean }) => {
    const paint = paintFor(process.stdout, process.env);
    const things = new Things();
    const narrator = new Narrator(process.stdout, paint, things.signal);
    const began = performance.now();
    await runTool({
      name: 'demo',
      things,
      say: (sentence) => narrator.breakOff(sentence),
      run: async (folder) => {
        const { result, local } = await play(folder, narrator, things);
        const seconds = Math.round((performance.now() - began) / MS_PER_SECOND);
        const faults = [...narrator.failures, ...faultsOf(result)];
        narrator.lines('', paint('bold', `What was counted, in ${seconds} s`), ...closingLines(result), '');
        for (const fault of faults) narrator.lines(paint('red', `✗ ${fault}`));
        if (faults.length === 0)
          narrator.lines(paint('green', '✓ Everything held: nothing was lost, no code was given twice.'));
        if (keep) narrator.lines('', ...offerLines(await offerConsole(local)));
        return { isWell: faults.length === 0, lastLine: json ? JSON.stringify(result) : null, staysUp: keep };
      },
    });
  })
  .parseAsync();
