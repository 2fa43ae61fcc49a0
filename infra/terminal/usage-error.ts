import type { CommanderError } from 'commander';

/** The person who typed the command has to change it: told in one sentence, exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * What Commander has found wrong as one sentence, which repeats nothing that was typed but what looks like the name of an
 * option: it may be a secret in the wrong place.
 */
export function usageErrorOf(error: CommanderError, help: string): UsageError {
  return new UsageError(`${sentenceOf(error)}. ${help} shows what is allowed.`);
}

function sentenceOf({ code, message }: CommanderError): string {
  // Behind what was typed, and made of names that are known.
  const meant = /\n\((Did you mean [^\n]*\?)\)$/.exec(message)?.[1];
  const proposed = meant === undefined ? '' : ` (${meant})`;
  switch (code) {
    case 'commander.unknownOption':
      return `There is an unknown option${nameIn(message)}${proposed}`;
    case 'commander.unknownCommand':
      return `There is no such command${proposed}`;
    case 'commander.excessArguments': {
      const [, expected = '0', got = '0'] = /Expected (\d+) .*? got (\d+)/.exec(message) ?? [];
      const surplus = Number(got) - Number(expected);
      return `There ${surplus === 1 ? 'is 1 argument' : `are ${String(surplus)} arguments`} too many`;
    }
    default: {
      const text = message
        .replace(/^error: /, '')
        .replace(/(argument(?: value)?) '[^]*'(?= is invalid)/, '$1')
        .replace(/\.$/, '');
      return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
    }
  }
}

/** Without its value. Digits, capitals, a great length or a padding may be those of a key. */
function nameIn(message: string): string {
  const [, name] =
    /^error: unknown option '(--[a-z][a-z-]{0,19})(?:=(?!=*'$)[^]*)?'(?:\n|$)/.exec(message) ?? [];
  return name === undefined ? '' : ` ${name}`;
}
