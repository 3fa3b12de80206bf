import type { BillingInterface } from '../api.js';
import type { TillFiles } from '../enrolment/till-files.js';
import { openTill, type OpenTillOptions } from '../till/open-till.js';
import type { TillPace } from '../till/pace.js';
import { TestAuthority } from './authority.js';
import { type StandInOptions, StandInServer } from './stand-in-server.js';
import { enrolledFolder, temporaryFolder } from './till-folder.js';

/** Nothing happens by itself within a spec, unless the spec wants it. */
export const STILL: TillPace = {
  probeMs: 3_600_000,
  probeMsMax: 3_600_000,
  idleMs: 3_600_000,
  drainMs: 3_600_000,
  returnMs: 0,
  parametersMs: 3_600_000,
  clockMs: 3_600_000,
  renewalMs: 0,
  standingMs: 0,
  holdingsMs: 3_600_000,
};

/** An authority, a stand-in server and an enrolled till's folder; everything that was opened is ended by `end`. */
export class TillBench {
  readonly #endings: (() => Promise<void> | void)[] = [];

  private constructor(
    readonly authority: TestAuthority,
    readonly server: StandInServer,
    readonly files: TillFiles,
  ) {}

  static async set(
    options: Partial<StandInOptions> = {},
    prepare: (server: StandInServer) => void = () => undefined,
  ): Promise<TillBench> {
    const authority = options.authority ?? (await TestAuthority.make());
    const server = await StandInServer.start({ authority, ...options });
    prepare(server);
    const folder = temporaryFolder();
    const files = await enrolledFolder(folder.directory, authority, server);
    const bench = new TillBench(authority, server, files);
    bench.#endings.push(
      () => folder.remove(),
      () => server.stop(),
    );
    return bench;
  }

  get directory(): string {
    return this.files.directory;
  }

  async openTill(options: Partial<OpenTillOptions> = {}): Promise<BillingInterface> {
    const till = await openTill({
      directory: this.directory,
      software: { name: 'Example till', version: '1.0.0' },
      ...options,
      pace: { ...STILL, ...options.pace },
    });
    this.#endings.push(() => till.close());
    return till;
  }

  onEnd(ending: () => Promise<void> | void): void {
    this.#endings.push(ending);
  }

  async end(): Promise<void> {
    for (const ending of this.#endings.splice(0).toReversed()) await ending();
  }
}
