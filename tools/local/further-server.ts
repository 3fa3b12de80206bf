import { join } from 'node:path';
import { choosePort } from '@tax-control/protocol/testing';
import { LOOPBACK } from './loopback.js';
import { Part } from './part.js';
import { type ServerProcess, startServerProcess } from './server-process.js';
import type { StatePaths } from './state.js';

export interface FurtherServerOptions {
  /** Keys and recovery log are those of this installation. */
  readonly paths: Pick<StatePaths, 'keys' | 'recoveryLog'>;
  /** File with the address of the database, as the server's log-in. */
  readonly databaseUrlFile: string;
  /** Its log and the file that says who it is lie here, under its name. */
  readonly folder: string;
  readonly name: string;
  /** Where tills connect, on loopback. */
  readonly port: number;
}

/** Another server beside that of an installation, on loopback, not started yet. It keeps its ports from one start to the next. */
export async function makeFurtherServer(options: FurtherServerOptions): Promise<Part<ServerProcess>> {
  const { paths, databaseUrlFile, folder, name, port } = options;
  const environment = {
    PATH: process.env['PATH'],
    DATABASE_URL_FILE: databaseUrlFile,
    KEYS_DIRECTORY: paths.keys,
    RECOVERY_LOG_DIRECTORY: paths.recoveryLog,
    TERMINALS_HOST: LOOPBACK,
    TERMINALS_PORT: String(port),
    PUBLIC_HOST: LOOPBACK,
    PUBLIC_PORT: String(await choosePort()),
    OPERATOR_HOST: LOOPBACK,
    OPERATOR_PORT: String(await choosePort()),
  };
  const logFile = join(folder, `${name}.log`);
  const processFile = join(folder, `${name}.json`);
  return new Part(() => startServerProcess({ environment, logFile, processFile, launcher: [] }));
}
