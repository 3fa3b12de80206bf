import type { TerminalStatusName } from '@tax-control/protocol/console';
import type { Tone } from '../../parts/words.js';

export const STATUS_TONES: Readonly<Record<TerminalStatusName, Tone>> = {
  active: 'good',
  suspended: 'warn',
  revoked: 'bad',
};
