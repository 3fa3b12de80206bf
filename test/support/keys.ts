import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '@tax-control/protocol';
import { makeKeys } from '../../src/keys/make-keys.js';
import { writeKeys } from '../../src/keys/write-keys.js';

/** A keys directory of its own in the temporary folder, as `tax-control keys init` makes it. */
export interface TestKeys {
  readonly directory: string;
  /** PEM of the issuing authority, which signs the terminals' listener too. */
  readonly ca: string;
  remove(): Promise<void>;
}

export async function makeTestKeys(environment: Environment = 'test'): Promise<TestKeys> {
  const directory = await mkdtemp(join(tmpdir(), 'tax-control-keys-'));
  const { files } = await makeKeys({ environment, hosts: ['localhost', '127.0.0.1'], now: new Date() });
  await writeKeys(directory, files);
  return {
    directory,
    ca: await readFile(join(directory, 'ca', 'certificate.pem'), 'utf8'),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
