import type { Command } from './command.ts';
import type { KeyPlace } from './keys.ts';

/** What on this machine is another word for something in a deployment. */
export interface HereContext {
  /** ` --data DIR` for `pagekeeper`, or nothing. */
  readonly dataOption: string;
  /** The command that starts the same again. */
  readonly again: string;
  /** By connection: where its key comes from. One that talks to a simulator is not in it. */
  readonly keys: ReadonlyMap<string, KeyPlace>;
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
    const command = commandHere(typed, here);
    const words = [line.slice(0, at).trimEnd(), command.before ?? []].flat().join(' ');
    return { words, command };
  });
}

/** The commands of an alarm's text: what can be typed here comes first, each in the order of the text. */
export function commandsIn(text: string, here: HereContext): readonly Command[] {
  return linesHere(text, here)
    .flatMap(({ command }) => command ?? [])
    .sort((a, b) => rank(a) - rank(b));
}

function commandHere(line: string, { dataOption, again, keys }: HereContext): Command {
  const [, connection] = /^npx pagekeeper secret set (\S+)/.exec(line) ?? [];
  if (connection !== undefined) {
    // Nothing keeps a secret on a laptop: each start is given it.
    const place = keys.get(connection);
    if (place === undefined) return { line, where: 'deployment' };
    return { line: again, where: 'here', before: howToRenew(place) };
  }
  if (!line.startsWith('npx pagekeeper ')) return { line, where: 'deployment' };
  return { line: line.replace(/ --stack [\w-]+/, '') + dataOption, where: 'here' };
}

/** The value of a key stands in no command, for the shell's history would keep it. */
function howToRenew(place: KeyPlace): string {
  switch (place.kind) {
    case 'file':
      return `put the new key into ${place.file}, then:`;
    case 'asked':
      return 'type the new key when this asks for it:';
    case 'variables':
      return `set ${place.names.join(' and ')} anew, then:`;
  }
}

function rank({ where }: Command): number {
  return where === 'here' ? 0 : 1;
}
