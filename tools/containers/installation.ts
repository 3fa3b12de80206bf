import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { choosePort } from '@tax-control/protocol/testing';
import { type Engine, ProgramFailure, runProgram, type RunOptions } from './engine.js';

export const SERVERS = ['server-1', 'server-2'] as const;
export type ServerName = (typeof SERVERS)[number];

/** Ports on this machine of one server. */
export interface ServerPorts {
  readonly terminals: number;
  readonly public: number;
  readonly operator: number;
}

/** Our image bears a tag of its own, so that nobody's installation is touched. */
const TAG = 'containers-test';
export const IMAGE = `tax-control-server:${TAG}`;
export const BASE_IMAGE = 'node:24-bookworm-slim';
/** The fault that ended a container is among its last lines. */
const LOG_LINES = 5;

/** One installation in containers, from a folder that is like a fresh clone. */
export class Installation {
  private constructor(
    readonly engine: Engine,
    readonly folder: string,
    readonly name: string,
    readonly ports: Readonly<Record<ServerName, ServerPorts>>,
    private readonly signal: AbortSignal,
  ) {}

  /** Runs docker/prepare and gives it ports that are free here. */
  static async prepare(engine: Engine, folder: string, name: string, signal: AbortSignal): Promise<Installation> {
    await runProgram('sh', ['docker/prepare', '--environment', 'test', '--name', name], { cwd: folder });
    const ports = { 'server-1': await choosePorts(), 'server-2': await choosePorts() };
    await writePorts(join(folder, '.env'), ports);
    return new Installation(engine, folder, name, ports, signal);
  }

  /**
   * Builds the image. Over this machine's own network, because a proxy or a mirror that npm is set to may be out of reach of the
   * engine's.
   */
  async build(): Promise<void> {
    await this.docker(['build', '--network=host', '--tag', IMAGE, '.']);
  }

  /** @returns standard output @throws ProgramFailure */
  docker(commandLine: readonly string[], options: RunOptions = {}): Promise<string> {
    return runProgram('docker', commandLine, { cwd: this.folder, signal: this.signal, ...options });
  }

  /** @returns standard output @throws ProgramFailure */
  compose(commandLine: readonly string[], options: RunOptions = {}): Promise<string> {
    const [program, ...first] = this.engine.compose;
    return runProgram(program, [...first, ...commandLine], {
      cwd: this.folder,
      signal: this.signal,
      env: { ...process.env, TAX_CONTROL_TAG: TAG },
      ...options,
    });
  }

  /** Starts every service. @throws ProgramFailure with the last lines of each container: Compose only says which one ended. */
  async up(): Promise<void> {
    try {
      await this.compose(['up', '--detach']);
    } catch (error) {
      if (!(error instanceof ProgramFailure)) throw error;
      const logs = await this.compose(['logs', '--no-color', `--tail=${LOG_LINES}`]);
      throw new ProgramFailure(`${error.message}\n${logs}`, error.exitStatus, error.stdout, error.stderr, {
        cause: error,
      });
    }
  }

  /** By docker/replace-servers, though nothing has changed. @throws ProgramFailure */
  async replaceServers(): Promise<void> {
    await runProgram('sh', ['docker/replace-servers', '--force-recreate'], {
      cwd: this.folder,
      signal: this.signal,
      env: { ...process.env, TAX_CONTROL_TAG: TAG },
    });
  }

  /** `tax-control … --json` in a container of its own, as the operator runs it. */
  async control(...commandLine: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.compose(['run', '--rm', '-T', 'tax-control', ...commandLine, '--json'])) as unknown;
  }

  /** The container of a service that runs, or ran last. */
  async containerOf(service: string): Promise<string> {
    const id = (await this.compose(['ps', '--quiet', service])).trim();
    if (id === '') throw new Error(`There is no container of ${service}.`);
    return id;
  }

  /** Containers, volumes and networks that are still there. */
  async leftovers(): Promise<string[]> {
    const label = `label=com.docker.compose.project=${this.name}`;
    const lists = [
      ['ps', '--all', '--filter', label, '--format', 'container {{.Names}}'],
      ['volume', 'ls', '--filter', label, '--format', 'volume {{.Name}}'],
      ['network', 'ls', '--filter', label, '--format', 'network {{.Name}}'],
    ];
    const found = await Promise.all(lists.map((list) => runProgram('docker', list)));
    return found.flatMap((text) => text.split('\n').filter((line) => line !== ''));
  }

  /** Ends everything and deletes its volumes; also when the tool was interrupted. */
  async takeDown(): Promise<void> {
    const [program, ...first] = this.engine.compose;
    const env = { ...process.env, TAX_CONTROL_TAG: TAG };
    const commandLine = ['--profile', 'backups', 'down', '--volumes', '--remove-orphans', '--timeout', '20'];
    await runProgram(program, [...first, ...commandLine], { cwd: this.folder, env });
  }

  terminalsAddress(server: ServerName): string {
    return `https://localhost:${this.ports[server].terminals}`;
  }

  publicAddress(server: ServerName): string {
    return `https://localhost:${this.ports[server].public}`;
  }
}

async function choosePorts(): Promise<ServerPorts> {
  return { terminals: await choosePort(), public: await choosePort(), operator: await choosePort() };
}

async function writePorts(file: string, ports: Installation['ports']): Promise<void> {
  const first = ports['server-1'];
  const second = ports['server-2'];
  const values: Readonly<Record<string, string | number>> = {
    TERMINALS_ADDRESSES: `https://localhost:${first.terminals} https://localhost:${second.terminals}`,
    VERIFICATION_URL: `https://localhost:${first.public}`,
    SERVER_1_TERMINALS_PORT: first.terminals,
    SERVER_1_PUBLIC_PORT: first.public,
    SERVER_1_OPERATOR_PORT: first.operator,
    SERVER_2_TERMINALS_PORT: second.terminals,
    SERVER_2_PUBLIC_PORT: second.public,
    SERVER_2_OPERATOR_PORT: second.operator,
  };
  let text = await readFile(file, 'utf8');
  for (const [name, value] of Object.entries(values)) {
    const line = new RegExp(`^${name}=.*$`, 'm');
    if (!line.test(text)) throw new Error(`docker/prepare wrote no ${name}.`);
    text = text.replace(line, `${name}=${value}`);
  }
  await writeFile(file, text);
}
