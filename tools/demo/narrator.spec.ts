import { describe, expect, it } from 'vitest';
import type { OutputStream } from '../screen/style.js';
import { Narrator } from './narrator.js';

function narrate(signal: AbortSignal = new AbortController().signal) {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) };
  const narrator = new Narrator(stream as unknown as OutputStream, (_style, text) => text, signal);
  return { narrator, text: () => written.join('') };
}

describe('Narrator', () => {
  it('remembers what was claimed and did not hold', () => {
    const { narrator, text } = narrate();
    narrator.step('Something happens');
    narrator.check(true, 'It is so.');
    narrator.check(false, 'Nothing was lost.');
    expect(text()).toBe('\n1. Something happens\n  ✓ It is so.\n  ✗ Nothing was lost.\n');
    expect(narrator.failures).toStrictEqual(['Nothing was lost.']);
  });

  it('keeps within 80 columns', () => {
    const { narrator, text } = narrate();
    narrator.say('word '.repeat(60).trim());
    narrator.check(true, 'word '.repeat(60).trim());
    expect(
      Math.max(
        ...text()
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(78);
  });

  it('tells no more once it is interrupted, but why it broke off', () => {
    const interruption = new AbortController();
    const { narrator, text } = narrate(interruption.signal);
    interruption.abort(new Error('SIGINT'));
    expect(() => narrator.say('And then …')).toThrow('SIGINT');
    narrator.breakOff('Stopping …');
    expect(text()).toBe('\nStopping …\n');
  });
});
