import { typed, type AlarmCommand, type AlarmLine } from '../../../lib/on-call/alarm-text.ts';
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
  /** By the name of an alarm: what it says. */
  readonly texts: ReadonlyMap<string, readonly AlarmLine[]>;
}

/** One line of an alarm's text: what it says, and the command behind that, if there is one. */
export interface TextLine {
  readonly words: string;
  readonly command: Command | null;
}

/** An alarm's text, which is written for a deployment, with its commands as they are typed here. */
export function linesHere(text: readonly AlarmLine[], here: HereContext): readonly TextLine[] {
  return text.map(({ says, command: ofDeployment, page }) => {
    const command = ofDeployment === undefined ? null : commandHere(ofDeployment, here);
    const words = [says, page, command?.before].filter((part) => part !== undefined).join(' ');
    return { words, command };
  });
}

/** The commands of an alarm's text: what can be typed here comes first, each in the order of the text. */
export function commandsIn(text: readonly AlarmLine[], here: HereContext): readonly Command[] {
  return linesHere(text, here)
    .flatMap(({ command }) => command ?? [])
    .sort((a, b) => rank(a) - rank(b));
}

function commandHere(command: AlarmCommand, { dataOption, again, keys }: HereContext): Command {
  switch (command.kind) {
    case 'pagekeeper':
      return { line: `npx pagekeeper ${command.args}${dataOption}`, where: 'here' };
    case 'secret': {
      // Nothing keeps a secret on a laptop: each start is given it.
      const place = keys.get(command.connection);
      if (place === undefined) return { line: typed(command), where: 'deployment' };
      return { line: again, where: 'here', before: howToRenew(place) };
    }
    case 'other':
      return { line: command.line, where: 'deployment' };
  }
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
