/** Tells the help of a command; null where there is no such command. */
export type Help = (path: readonly string[]) => Promise<string | null>;

/** Words of a command line as a shell would cut them; nothing is expanded. Ends at what is for the shell itself. */
export function words(line: string): string[] {
  const [own = ''] = /^(?:'[^']*'|"[^"]*"|[^'"|;&>#)`])*/.exec(line) ?? [];
  return [...own.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word);
}

/** What stands after the program's name, for each time that a line calls it. */
export function callsOf(program: string, lines: readonly string[]): string[][] {
  const call = new RegExp(`(?:^|[\\s|;&(])${program}(?=\\s)([^\\n]*)`, 'g');
  return lines.flatMap((line) => [...line.matchAll(call)].map(([, rest = '']) => words(rest)));
}

/** What is wrong with a call, as far as the program's help tells: an unknown command or option. Null if nothing is. */
export async function faultOf(call: readonly string[], help: Help): Promise<string | null> {
  const path: string[] = [];
  let text = (await help([])) ?? '';
  for (const word of call) {
    if (!/^[a-z][a-z-]*$/.test(word) || !commandsIn(text).includes(word)) break;
    path.push(word);
    text = (await help(path)) ?? '';
  }
  const next = call[path.length];
  if (next !== undefined && commandsIn(text).length > 0 && /^[a-z]/.test(next))
    return `there is no command ${[...path, next].join(' ')}`;
  const unknown = call.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.split('=')[0] ?? word);
  const options = new Set(text.match(/(?<=[\s,])--?[a-zA-Z][\w-]*/g) ?? []);
  const wrong = unknown.find((option) => !options.has(option));
  return wrong === undefined ? null : `${path.join(' ')} has no option ${wrong}`;
}

/** The commands that a help text lists. */
function commandsIn(help: string): string[] {
  const [, list = ''] = help.split('\nCommands:\n');
  return [...(list.split('\n\n')[0] ?? '').matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, name = '']) => name);
}
