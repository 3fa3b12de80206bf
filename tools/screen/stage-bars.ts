import { type ProgressBar, startProgressBar } from './progress-bar.js';
import type { OutputStream } from './style.js';

/** One bar after the other, each for a stage of the work. */
export interface StageBars {
  /** A stage of another name takes the bar of the one before away. */
  show(stage: string, done: number, total: number, note?: string): void;
  end(): void;
}

export function startStageBars(stream: OutputStream): StageBars {
  let shown = '';
  let bar: ProgressBar | null = null;
  const end = (): void => {
    bar?.end();
    bar = null;
  };
  return {
    show: (stage, done, total, note) => {
      if (stage !== shown) {
        end();
        shown = stage;
        bar = startProgressBar(stream, stage, total);
      }
      bar?.update(done, note);
    },
    end,
  };
}
