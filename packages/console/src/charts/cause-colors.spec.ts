import { describe, expect, it } from 'vitest';
import { causesByGroup } from '../url/causes.js';
import { causeColor, OTHERS_COLOR } from './cause-colors.js';

describe('causeColor', () => {
  it('gives each cause that the filter offers a colour of its own, none that of all others', () => {
    const offered = causesByGroup().flatMap(({ causes }) => causes);
    const colors = [...offered.map(causeColor), OTHERS_COLOR, causeColor('line_eaten_by_mice')];
    expect(new Set(colors).size).toBe(offered.length + 2);
  });
});
