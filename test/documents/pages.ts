import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One page of the documentation; `path` is from the project's root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

export const project = fileURLToPath(new URL('../..', import.meta.url));

/** Folders that are no part of the project: made when it is installed, built or run. */
const NOT_OURS = new Set(['.git', '.local', 'dist', 'node_modules']);

/** Paths of all files of the project. Without git's help, because the project may have come as an archive. */
export function projectFiles(folder = ''): readonly string[] {
  return readdirSync(join(project, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name))
    .flatMap((entry) => (entry.isDirectory() ? projectFiles(join(folder, entry.name)) : [join(folder, entry.name)]))
    .toSorted();
}

export function readPage(path: string): Page {
  return { path, text: readFileSync(join(project, path), 'utf8') };
}

/** What stands between single backticks outside of fenced blocks. */
export function inlineCode({ text }: Page): string[] {
  return [...text.replace(FENCE, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

const FENCE = /^```(\w*)\n(.*?)^```$/gms;

/** The lines of shell in fenced blocks: all of `sh`, and what follows the prompt in `console`; continued lines are joined. */
export function shellLines({ text }: Page): string[] {
  return [...text.matchAll(FENCE)].flatMap(([, language = '', block = '']) => {
    if (language === 'sh') return block.replaceAll('\\\n', ' ').split('\n');
    if (language !== 'console') return [];
    return [...block.replaceAll(/\\\n(> )?/g, ' ').matchAll(/^\$ (.*)$/gm)].map(([, line = '']) => line);
  });
}

/** Links that lead nowhere: to a file that is not there, or to a heading that its page lacks. */
export function brokenLinks({ path, text }: Page, files: readonly string[]): string[] {
  const links = [...text.replace(FENCE, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^(https?|mailto):/.test(link)) return false;
    const [file = '', heading] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file)).replace(/\/$/, '');
    if (!isThere(target, files)) return true;
    return heading !== undefined && !headings(readPage(target)).includes(heading);
  });
}

/** Anchors of a page's headings, as GitHub makes them. */
function headings({ text }: Page): string[] {
  return [...text.replace(FENCE, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Folders from which pages name files, beside the project's root and their own. */
const BASES = ['packages/billing-interface/src', 'packages/protocol/src', 'src/issuance'];
const SOURCE_FILE = /^[\w.@-]+(\/[\w.@-]+)*\.(ts|js|mjs|sql|md|yml)$/;
/** Made when the project is built or run, or by the reader. */
const MADE_LATER =
  /^(dist|node_modules|\.local|tills|sales|docker\/secrets)(\/|$)|\/dist\/|^till\.mjs$|^roles\.sql$|^docker-compose\.override\.yml$/;

/** Files and folders of the project that a page names in backticks and that are not there. */
export function missingFiles(page: Page, files: readonly string[]): string[] {
  const own = dirname(page.path);
  const tops = new Set(files.map((file) => file.split('/')[0]).filter((top) => files.every((file) => file !== top)));
  return inlineCode(page).filter((code) => {
    const path = code.replace(/\/$/, '');
    const namesPath = SOURCE_FILE.test(path) || (/^[\w.-]+(\/[\w.@-]+)+$/.test(path) && tops.has(path.split('/')[0]));
    if (!namesPath || MADE_LATER.test(path)) return false;
    return !['.', own, ...BASES].some((base) => isThere(normalize(join(base, path)), files));
  });
}

function isThere(path: string, files: readonly string[]): boolean {
  return path === '.' || files.some((file) => file === path || file.startsWith(`${path}/`));
}
