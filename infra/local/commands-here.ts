import type { Command } from './watch/page-state.ts';

/** What on this machine is another word for something in a deployment. */
export interface HereContext {
  /** ` --data DIR` for `pagekeeper`, or nothing. */
  readonly dataOption: string;
  /** The command that starts the same again. */
  readonly again: string;
  /** By connection: the variables that hold its key. One that talks to a simulator is not in it. */
  readonly keyVariables: ReadonlyMap<string, readonly string[]>;
}

/** One line of an alarm's text: what it says, and the command behind that, if there is one. */
export interface TextLine {
  readonly words: string;
  readonly command: Command | null;
}

/** An alarm's text, which is written for a deployment, with its commands as they are typed here. */
export function linesHere(text: string, here: HereContext): readonly TextLine[] {
  return text.split('\n').map((line) => {
    // A command runs to the end of its line.
    const at = line.search(/\b(?:npx pagekeeper|npx cdk|aws) [a-z]/);
    if (at === -1) return { words: line.trimEnd(), command: null };
    const typed = line
      .slice(at)
      .trimEnd()
      .replace(/[.,;]$/, '');
    return { words: line.slice(0, at).trimEnd(), command: commandHere(typed, here) };
  });
}

/** The commands of an alarm's text: what can be typed here comes first, each in the order of the text. */
export function commandsIn(text: string, here: HereContext): readonly Command[] {
  return linesHere(text, here)
    .flatMap(({ command }) => command ?? [])
    .sort((a, b) => rank(a) - rank(b));
}

function commandHere(line: string, { dataOption, again, keyVariables }: HereContext): Command {
  const [, connection] = /^npx pagekeeper secret set (\S+)/.exec(line) ?? [];
  if (connection !== undefined) {
    // A laptop's secrets come from its environment.
    const variables = keyVariables.get(connection) ?? [];
    if (variables.length === 0) return { line, where: 'deployment' };
    const given = variables.map((name) => `${name.split(' or ', 1)[0] ?? name}=...`).join(' ');
    return { line: `${given} ${again}`, where: 'here' };
  }
  if (!line.startsWith('npx pagekeeper ')) return { line, where: 'deployment' };
  return { line: line.replace(/ --stack [\w-]+/, '') + dataOption, where: 'here' };
}

function rank({ where }: Command): number {
  return where === 'here' ? 0 : 1;
}
