import { Command } from 'commander';
import { Narrator } from '../demo/narrator.js';
import { EXIT_USAGE, runTool } from '../screen/run-tool.js';
import { paintFor } from '../screen/style.js';
import { Things } from '../screen/things.js';
import { findEngine } from './engine.js';
import { figureLines } from './figures.js';
import { play } from './play.js';

await new Command('npm run test:containers --')
  .description(
    'Builds the image, brings an installation up in containers, sells, kills a server and the database, audits, and takes it down.',
  )
  .option('--json', 'the last line of standard output is one JSON object with what was measured', false)
  .addHelpText(
    'after',
    `
Needs a Docker engine and docker compose (or docker-compose 1.29); where there is none it says so and ends with 0. Works in a
throw-away copy of this folder, under a name and on ports of its own: an installation that runs here is not touched. The
image stays as tax-control-server:containers-test, so that the next build is quick.

Exit status: 0 all held or skipped, 1 something did not hold, 2 wrong usage, 130 interrupted.`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE))
  .action(async ({ json }: { readonly json: boolean }) => {
    const engine = await findEngine();
    if (!engine.found) {
      process.stdout.write(`Skipped, because ${engine.reason}\n`);
      if (json) process.stdout.write(`${JSON.stringify({ skipped: engine.reason })}\n`);
      return;
    }
    const paint = paintFor(process.stdout, process.env);
    const things = new Things();
    const narrator = new Narrator(process.stdout, paint, things.signal);
    await runTool({
      name: 'containers',
      things,
      say: (sentence) => narrator.breakOff(sentence),
      run: async (folder) => {
        const figures = await play(engine, folder, narrator, things);
        narrator.lines('', paint('bold', 'What was measured'), ...figureLines(figures), '');
        const faults = narrator.failures;
        for (const fault of faults) narrator.lines(paint('red', `✗ ${fault}`));
        if (faults.length === 0) narrator.lines(paint('green', '✓ Everything held.'));
        return { isWell: faults.length === 0, lastLine: json ? JSON.stringify(figures) : null };
      },
    });
  })
  .parseAsync();
