import { cpSync, rmSync } from 'node:fs';
import type { TillBench } from './till-bench.js';
import { temporaryFolder } from './till-folder.js';

/** The till's folder as it is on the disk now, as after a power cut; `putBack` when the till is closed. */
export function crashImage(bench: TillBench): { putBack(): void } {
  const copy = temporaryFolder();
  bench.onEnd(() => copy.remove());
  cpSync(bench.directory, copy.directory, { recursive: true });
  return {
    putBack: () => {
      rmSync(bench.directory, { recursive: true });
      cpSync(copy.directory, bench.directory, { recursive: true });
    },
  };
}
