import { describe, expect, it } from 'vitest';
import { Part, type RunningPart } from './part.js';

/** A process that notes what happens to it; it is up when `finish` is called. */
function slowProcess() {
  const events: string[] = [];
  let finish: () => void = () => undefined;
  const launch = async (): Promise<RunningPart> => {
    events.push('launched');
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return {
      ended: new Promise(() => undefined),
      stop: async () => void events.push('stopped'),
      kill: async () => void events.push('killed'),
    };
  };
  return { events, launch, finish: () => finish() };
}

describe('Part', () => {
  it.each(['stop', 'kill'] as const)('%s waits for what is just being started', async (end) => {
    const { events, launch, finish } = slowProcess();
    const part = new Part(launch);
    const started = part.start();
    const ended = part[end]();
    finish();
    await Promise.all([started, ended]);
    expect(events).toStrictEqual(['launched', end === 'stop' ? 'stopped' : 'killed']);
  });

  it('is started once, however many ask', async () => {
    const { events, launch, finish } = slowProcess();
    const part = new Part(launch);
    const starts = [part.start(), part.start()];
    finish();
    await Promise.all(starts);
    expect(events).toStrictEqual(['launched']);
  });

  it('can be started again after a start that failed, and has nothing to stop', async () => {
    let tries = 0;
    const part = new Part(async () => {
      tries += 1;
      return Promise.reject<RunningPart>(new Error('port taken'));
    });
    await expect(part.start()).rejects.toThrow('port taken');
    await part.stop();
    await expect(part.start()).rejects.toThrow('port taken');
    expect(tries).toBe(2);
  });
});
