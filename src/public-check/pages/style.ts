import { createHash } from 'node:crypto';

/** The pages' only style, in the page itself: one request on a slow line. Light or dark as the phone is set; contrasts of at least 4.5. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#f4f5f2;--card:#fff;--ink:#1c2420;--soft:#55605a;--line:#ccd3ce;--accent:#0b5d4e;--on-accent:#fff;--good:#0b6b3a;--bad:#a4161a;--wait:#7a4b00;--test:#5b1a8b}
@media (prefers-color-scheme:dark){:root{--ground:#141816;--card:#1d2320;--ink:#e8eeea;--soft:#a9b5ae;--line:#3a443e;--accent:#7fd6bf;--on-accent:#0c1f1a;--good:#7ddba0;--bad:#ff9d97;--wait:#f0c36d;--test:#d5b0f5}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.55 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
.page{max-width:36rem;margin:0 auto;padding:1rem}
header{display:flex;justify-content:space-between;align-items:baseline;gap:1rem;margin-bottom:1rem}
header p{margin:0;font-weight:600}
a{color:var(--accent)}
.test{margin:0 0 1rem;padding:.6rem .9rem;border:2px solid var(--test);border-radius:.4rem;color:var(--test);font-weight:600}
main{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1.25rem}
h1{font-size:1.4rem;line-height:1.25;margin:0 0 .5rem;padding-left:.75rem;border-left:.35rem solid var(--soft)}
h1.good{border-color:var(--good);color:var(--good)}
h1.bad{border-color:var(--bad);color:var(--bad)}
h1.wait{border-color:var(--wait);color:var(--wait)}
p{margin:.5rem 0}
.note{color:var(--soft)}
.warning{color:var(--bad);font-weight:600}
.code{font:600 1.15rem/1.4 ui-monospace,Consolas,monospace;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1rem;margin:1rem 0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
.total{font-size:1.25rem;font-weight:700}
form{margin:1rem 0 0}
label,legend{display:block;font-weight:600;margin-bottom:.2rem;padding:0}
input,select,textarea{width:100%;font:inherit;padding:.55rem .65rem;color:var(--ink);background:var(--card);border:1px solid var(--soft);border-radius:.4rem}
textarea{min-height:6rem}
.field{margin:.75rem 0}
.hint{font-size:.9rem;color:var(--soft);margin:.2rem 0}
button,summary{display:inline-block;font:inherit;font-weight:600;cursor:pointer;border-radius:.4rem;padding:.55rem 1rem}
button{background:var(--accent);color:var(--on-accent);border:1px solid var(--accent)}
details{margin-top:1.5rem;border-top:1px solid var(--line);padding-top:1rem}
summary{border:1px solid var(--bad);color:var(--bad);list-style:none}
summary::-webkit-details-marker{display:none}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
footer{color:var(--soft);font-size:.9rem;margin:1rem .25rem}
@media (max-width:26rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
@media print{body{background:#fff;color:#000}details,form,header a{display:none}main{border:0}}
`;

const STYLE_DIGEST = createHash('sha256').update(STYLE).digest('base64');

/** Nothing is loaded, run or framed: the style by its digest, forms to ourselves, the empty icon. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_DIGEST}'`,
  'img-src data:',
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');
