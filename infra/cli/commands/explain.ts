import type { Command } from 'commander';

import { explainStream, type Explanation } from '../../../lib/operations/explain.ts';
import { fieldChangeInWords } from '../../../lib/operations/sent-events.ts';
import { ago, clockInWords } from '../../../lib/operations/words.ts';
import { colorsFor, type Colors } from '../../terminal/colors.ts';
import { oneLine, wrapped } from '../../terminal/words.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { printJson, type Cli } from './cli-context.ts';
import { mustKnowStream } from '../store/targets.ts';
import { nextTickOf } from './whole-status.ts';
import { writeAll } from '../../terminal/write-all.ts';

export function addExplain(root: Command, cli: Cli): void {
  withStoreOptions(root.command('explain'))
    .description('tells the last runs of a stream, and what happens next and when')
    .argument('<stream>', 'such as mobaro/users')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper explain mobaro/users
  npx pagekeeper explain bob/people --stack Pagekeeper`,
    )
    .action(async (stream: string, options: StoreOptions) => {
      const { where, variables, use } = chooseStore(options, cli.variables);
      const explanation = await use(async (store) => {
        mustKnowStream(store, stream, 'explain');
        const now = Date.now();
        const lastTick = (await store.checkpoints.read(stream))?.lastTick ?? null;
        const last = lastTick === null ? null : new Date(lastTick).toISOString();
        const nextTick = nextTickOf(store, stream, last, now);
        const { tickSource, secrets } = store;
        return explainStream(stream, store, {
          ...tickSource,
          now,
          nextTick,
          takesKey: secrets !== null,
          where,
        });
      });
      if (options.json === true) return printJson(cli.out, explanation);
      await writeAll(cli.out, `${explanationText(explanation, Date.now(), colorsFor(cli.out, variables))}\n`);
    });
}

/** As wide as most terminals are at least. */
const width = 80;

/** Pure. Lines have up to 80 characters, but for a command, which has a line of its own. */
export function explanationText(
  { stream, runs, fields, schemaNews, muted, steps }: Explanation,
  now: number,
  colors: Colors,
): string {
  const since = (time: string): string => ago(Date.parse(time), now);
  const column = Math.max(0, ...runs.flatMap(({ events }) => events.map(({ until }) => since(until).length)));
  const stories = runs.flatMap(({ began, events }) => [
    `${colors.bold('Run')} begun ${since(began)} (${clockInWords(Date.parse(began), now)})`,
    ...events.flatMap(({ until, sentence }) => {
      const time = since(until).padStart(column);
      return behind(`  ${time}  `, `  ${colors.dim(time)}  `, sentence);
    }),
    '',
  ]);
  const named = (name: string, text: string): readonly string[] =>
    behind(`${name}: `, `${colors.bold(`${name}:`)} `, text);
  return [
    colors.bold(stream),
    '',
    ...(runs.length === 0 ? ['Nothing is known of earlier runs.', ''] : stories),
    ...(fields === null ? [] : named('Fields', fields)),
    ...schemaNews.flatMap((one) => named('Schema', `${fieldChangeInWords(one)}, ${since(one.at)}`)),
    ...(muted === null ? [] : named('Pages', muted)),
    ...steps.flatMap(({ words, command }, index) => [
      ...(index === 0 ? named('Next', words) : behind('      ', '      ', words)),
      ...(command === null ? [] : [`    ${oneLine(command)}`]),
    ]),
  ].join('\n');
}

/** @param label what stands before the text @param colored the same as it is printed @param text beside it, and below */
function behind(label: string, colored: string, text: string): readonly string[] {
  const [first = '', ...others] = wrapped(oneLine(text), width - label.length, '');
  return [`${colored}${first}`, ...others.map((line) => `${' '.repeat(label.length)}${line}`)];
}
