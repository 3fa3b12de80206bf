import { describe, expect, it } from 'vitest';
import { Lane } from './lane.js';

function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('the lane', () => {
  it('lets sales go before what waited longer, one at a time', async () => {
    const lane = new Lane();
    const order: string[] = [];
    const first = gate();
    const note = (name: string) => () => {
      order.push(name);
      return Promise.resolve();
    };
    const jobs = [
      lane.run('background', () => first.opened.then(note('running chunk'))),
      lane.run('background', note('chunk')),
      lane.run('sale', note('sale 1')),
      lane.run('sale', note('sale 2')),
    ];
    first.open();
    await Promise.all(jobs);
    expect(order).toEqual(['running chunk', 'sale 1', 'sale 2', 'chunk']);
  });

  it('lets whoever waited for a job go on before the next begins', async () => {
    const lane = new Lane();
    const order: string[] = [];
    const hear = async () => {
      const answer = await lane.run('sale', () => Promise.resolve('answer'));
      order.push(await Promise.resolve(answer));
    };
    const background = async () => {
      await lane.run('background', () => {
        order.push('background');
        return Promise.resolve();
      });
    };
    await Promise.all([hear(), background()]);
    expect(order).toEqual(['answer', 'background']);
  });

  it('lets sales go at once beside a job that gives way, and lets it go on when none is left', async () => {
    const lane = new Lane();
    const order: string[] = [];
    const first = gate();
    const chunk = lane.run('background', async () => {
      await first.opened;
      await lane.giveWay();
      order.push('rest of the chunk');
    });
    const later = lane.run('background', () => Promise.resolve(order.push('later')));
    const sales = ['sale 1', 'sale 2'].map((name) => lane.run('sale', () => Promise.resolve(order.push(name))));
    first.open();
    await Promise.all([chunk, later, ...sales]);
    expect(order).toEqual(['sale 1', 'sale 2', 'rest of the chunk', 'later']);
  });

  it('keeps nobody who gives way while there is no sale', async () => {
    const lane = new Lane();
    await lane.giveWay();
    await lane.run('background', () => lane.giveWay());
    const sale = gate();
    const running = lane.run('sale', () => sale.opened);
    const late = lane.giveWay();
    sale.open();
    expect(await Promise.all([running, late, lane.idle()])).toHaveLength(3);
  });

  it('lets a sale go beside a chunk that hangs', async () => {
    const lane = new Lane();
    const chunk = gate();
    const hanging = lane.run('background', () => chunk.opened);
    const later = lane.run('background', () => Promise.resolve('later'));
    expect(await lane.run('sale', () => Promise.resolve('sale'))).toBe('sale');
    let isIdle = false;
    const idle = lane.idle().then(() => {
      isIdle = true;
      return isIdle;
    });
    expect(await lane.run('sale', () => Promise.resolve('next sale'))).toBe('next sale');
    expect(isIdle).toBe(false);
    chunk.open();
    await hanging;
    expect(await later).toBe('later');
    expect(await idle).toBe(true);
  });

  it('goes on after a job that failed', async () => {
    const lane = new Lane();
    await expect(lane.run('sale', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await lane.run('sale', () => Promise.resolve(1))).toBe(1);
    await lane.idle();
  });
});
