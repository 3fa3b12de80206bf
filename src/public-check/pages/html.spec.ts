import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, html } from './html.js';

describe('html', () => {
  it('escapes every text, in elements and in quoted attributes', () => {
    const evil = `<script>alert("1")</script>' onclick='x&amp;`;
    expect(String(html`<p title="${evil}">${evil}</p>`)).toBe(`<p title="${escapeText(evil)}">${escapeText(evil)}</p>`);
    expect(escapeText(evil)).toBe('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onclick=&#39;x&amp;amp;');
  });

  it('leaves out what would turn round the text beside it', () => {
    expect(String(html`<p title="${'a\u202Eb'}">${'1\u2066 2'}</p>`)).toBe('<p title="ab">1 2</p>');
  });

  it('takes markup as it is, lists one after the other, and nothing for nothing', () => {
    const items = ['a', '<b>'].map((text) => html`<li>${text}</li>`);
    const list = html`<ul>
      ${items}
    </ul>`;
    expect(String(list).replaceAll(/\s/g, '')).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>');
    expect(String(html`${null}${undefined}${false}${0}`).trim()).toBe('0');
  });

  it('does not take what looks like markup for it', () => {
    const forged = { toString: () => '<b>' } as unknown as string;
    expect(() => String(html`${forged}`)).toThrow(TypeError);
  });

  it('leaves no text that ends its element or attribute', () => {
    const isSafe = property(string(), (text) => !/[<>"']/.test(String(html`${text}`)));
    expect(() => assert(isSafe)).not.toThrow();
  });
});
