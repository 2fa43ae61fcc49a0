import type { Command } from './page-state.ts';

/** What on this machine is another word for something in a deployment. */
export interface HereContext {
  /** ` --data DIR` for `pagekeeper`, or nothing. */
  readonly dataOption: string;
  /** The command that starts the same again. */
  readonly again: string;
  /** The variables that hold the key of the connection that the alarm is about; empty where it talks to a simulator. */
  readonly keyVariables: readonly string[];
}

/**
 * The commands in an alarm's text, which is written for a deployment, as they are typed here. A command runs to the end of its line.
 */
export function commandsIn(text: string, here: HereContext): readonly Command[] {
  const lines = [...text.matchAll(/\b(?:npx pagekeeper|aws) [a-z][^\n]*/g)].map(([line]) =>
    line.trimEnd().replace(/[.,;]$/, ''),
  );
  return lines.map((line) => commandHere(line, here)).sort((a, b) => rank(a) - rank(b));
}

function commandHere(line: string, { dataOption, again, keyVariables }: HereContext): Command {
  // A laptop's secrets come from its environment.
  if (/^aws secretsmanager put-secret-value |^npx pagekeeper secret set /.test(line)) {
    if (keyVariables.length === 0) return { line, where: 'deployment' };
    const variables = keyVariables.map((name) => `${name.split(' or ', 1)[0] ?? name}=...`).join(' ');
    return { line: `${variables} ${again}`, where: 'here' };
  }
  if (!line.startsWith('npx ')) return { line, where: 'deployment' };
  return { line: line.replace(/ --stack [\w-]+/, '') + dataOption, where: 'here' };
}

/** What can be typed here comes first, each in the order of the text. */
function rank({ where }: Command): number {
  return where === 'here' ? 0 : 1;
}
