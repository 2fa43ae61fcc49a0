import type { Severity } from './alarm-kinds.ts';
import type { AlarmCommand, AlarmLine } from './alarm-text.ts';

/** What people are told. It holds nothing of a record and nothing of a secret. */
export interface Message {
  readonly severity: Severity;
  /** ASCII, at most 99 characters: SNS refuses 100. */
  readonly subject: string;
  readonly text: string;
  /** The same for all messages of an incident. */
  readonly thread: string;
}

/** As a person types it; null where there is nothing to type for it, as on a laptop. */
export type Typed = (command: AlarmCommand) => string | null;

/** @param dataOption ` --data DIR`, or nothing for the usual folder */
export function typedOnLaptop(dataOption: string): Typed {
  return (command) => {
    switch (command.kind) {
      case 'pagekeeper':
        return `npx pagekeeper ${command.args}${dataOption}`;
      case 'secret':
        return `npx pagekeeper secret set ${command.connection}${dataOption}`;
      case 'redrive':
        return `npx pagekeeper dead-letters redrive ${command.connection}${dataOption}`;
      case 'other':
        return null;
    }
  };
}

const maxSubject = 99;

export function subjectOf(text: string): string {
  // Signs are taken apart, so that a letter with an accent is one without.
  const plain = text.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  const ascii = plain.replaceAll(/[^\x20-\x7E]/g, '?');
  return ascii.length <= maxSubject ? ascii : `${ascii.slice(0, maxSubject - 3)}...`;
}

const width = 80;

/** Mail is read on terminals and on phones: lines of 80 characters, and what is to be copied on a line of its own. */
export function textOf(lines: readonly AlarmLine[], typed: Typed): string {
  return lines
    .flatMap(({ says, command, page }): readonly string[] => {
      const line = command && typed(command);
      // Its words lead to the command.
      if (line === null) return [];
      const copied = page ?? line;
      if (copied === undefined) return wrapped(says);
      const isShort = command === undefined && says.length + copied.length < width;
      return isShort ? [`${says} ${copied}`] : [...wrapped(says), `  ${copied}`];
    })
    .join('\n');
}

function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The first of them, and how many more. @param streams whole names of one connection */
export function namesOf(streams: readonly string[], max = Infinity): string {
  const names = streams.map(shortName);
  if (names.length <= max) return names.join(', ');
  return `${names.slice(0, max - 1).join(', ')} and ${String(names.length - max + 1)} more`;
}

export function shortName(stream: string): string {
  return stream.slice(stream.indexOf('/') + 1);
}

/** @param at epoch milliseconds */
export function timeInWords(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function agoInWords(ms: number): string {
  return ms < 60_000 ? 'just now' : `${spanInWords(ms)} ago`;
}

export function spanInWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 120) return minutes === 1 ? '1 minute' : `${String(minutes)} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${String(hours)} hours` : `${String(Math.round(hours / 24))} days`;
}
