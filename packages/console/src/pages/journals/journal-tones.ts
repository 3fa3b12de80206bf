import type { HandedState } from '@tax-control/protocol/console';
import type { Tone } from '../../parts/words.js';

export const JOURNAL_TONES: Readonly<Record<HandedState, Tone>> = {
  waiting: 'plain',
  deferred: 'warn',
  done: 'good',
  refused: 'bad',
};
