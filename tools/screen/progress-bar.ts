import { Presets, SingleBar } from 'cli-progress';
import type { OutputStream } from './style.js';

/** One long part of a tool. On a terminal a bar moves; elsewhere nothing is printed until its end. */
export interface ProgressBar {
  /** `note` stands behind the bar. */
  update(done: number, note?: string): void;
  setTotal(total: number): void;
  /** Takes the bar away; what came of it is the caller's to say. */
  end(): void;
}

/** Bars are redrawn at most so often: smooth for the eye, cheap for the processor. */
const REDRAWS_PER_SECOND = 15;
/** Columns of the bar itself; with label, figures and note a line stays under 80. */
const BAR_COLUMNS = 24;
const LABEL_COLUMNS = 22;

export function startProgressBar(stream: OutputStream, label: string, total: number): ProgressBar {
  if (!stream.isTTY) return { update: () => {}, setTotal: () => {}, end: () => {} };
  const bar = new SingleBar(
    {
      stream,
      format: `  ${label.padEnd(LABEL_COLUMNS)} {bar} {value}/{total}  {note}`,
      barsize: BAR_COLUMNS,
      fps: REDRAWS_PER_SECOND,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { note: '' });
  return {
    update: (done, note = '') => bar.update(done, { note }),
    setTotal: (next) => bar.setTotal(next),
    end: () => bar.stop(),
  };
}
