import { buildConsole } from './build-console.js';

/** Part of `npm run build`: the console's pages, if anything that they are made of has changed. */
const result = await buildConsole();
process.stdout.write(result === 'built' ? 'The console was built.\n' : 'The console is up to date.\n');
