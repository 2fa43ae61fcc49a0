import type { AlarmCommand, AlarmLine } from '../../../lib/on-call/alarm-text.ts';
import { startCommand } from '../../../lib/operations/words.ts';
import type { Command } from './command.ts';
import type { KeyPlace } from './keys.ts';

/** What on this machine is another word for something in a deployment. */
export interface HereContext {
  /** ` --data DIR` for `pagekeeper`, or nothing. */
  readonly dataOption: string;
  /** The command that starts the same again. */
  readonly again: string;
  /** While it runs it takes a new key; once it has ended, only another start does. */
  readonly runs: boolean;
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

/** A command in which a person puts a name in the place of this word works nowhere as it stands. */
const pattern = / STREAM\b/;

/**
 * An alarm's text, which is written for a deployment, with its commands as they are typed here. A line that leads to a command
 * which this machine has not is left out; where none is left, the text ends with the one that says how all stands.
 */
export function linesHere(text: readonly AlarmLine[], here: HereContext): readonly TextLine[] {
  const lines = text.flatMap(({ says, command: ofDeployment, page }): readonly TextLine[] => {
    const command = ofDeployment === undefined ? null : commandHere(ofDeployment, here);
    if (ofDeployment !== undefined && command === null) return [];
    const isPattern = command !== null && pattern.test(command.line);
    const words = [says, page, isPattern ? command.line : command?.before];
    const said = words.filter((part) => part !== undefined).join(' ');
    return [{ words: said, command: isPattern ? null : command }];
  });
  return lines.some(({ command }) => command !== null)
    ? lines
    : [...lines, { words: 'How all stands:', command: pagekeeper('status', here) }];
}

/** The alarms of a template, with what they say as it is here: messages that are made of it go to nobody else. */
export function alarmsHere<Alarm extends { readonly name: string; readonly AlarmDescription: string }>(
  alarms: readonly Alarm[],
  here: HereContext,
): readonly Alarm[] {
  return alarms.map((alarm) => {
    const text = here.texts.get(alarm.name);
    if (text === undefined) return alarm;
    const lines = linesHere(text, here).flatMap(({ words, command }) =>
      command === null ? [words] : [words, `  ${command.line}`],
    );
    return { ...alarm, AlarmDescription: lines.join('\n') };
  });
}

/** @returns null where this machine has nothing to type for it */
function commandHere(command: AlarmCommand, here: HereContext): Command | null {
  switch (command.kind) {
    case 'pagekeeper':
      return pagekeeper(command.args, here);
    case 'secret': {
      const place = here.keys.get(command.connection);
      // A simulator's key is its own.
      if (place === undefined) return null;
      return here.runs
        ? pagekeeper(`secret set ${command.connection}`, here)
        : { line: here.again, before: howToRenew(place) };
    }
    case 'redrive':
      return here.runs
        ? pagekeeper(`dead-letters redrive ${command.connection}`, here)
        : {
            line: here.again,
            before: `they have ended with ${startCommand}, and the next one takes their runs up:`,
          };
    case 'other':
      return null;
  }
}

function pagekeeper(args: string, { dataOption }: HereContext): Command {
  return { line: `npx pagekeeper ${args}${dataOption}` };
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
