import type { Command } from 'commander';

import { explainStream, type Explanation } from '../../../lib/operations/explain.ts';
import { fieldChangeInWords } from '../../../lib/operations/sent-events.ts';
import { colorsFor, type Colors } from '../../terminal/colors.ts';
import { oneLine } from '../../terminal/words.ts';
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
        mustKnowStream(store, stream);
        const now = Date.now();
        const lastTick = (await store.checkpoints.read(stream))?.lastTick ?? null;
        const last = lastTick === null ? null : new Date(lastTick).toISOString();
        const nextTick = nextTickOf(store, stream, last, now);
        const { tickSource, secrets } = store;
        const newKey = (connection: string): string =>
          secrets === null ? 'given to npm start' : `npx pagekeeper secret set ${connection}${where}`;
        return explainStream(stream, store, { ...tickSource, now, nextTick, newKey, where });
      });
      if (options.json === true) return printJson(cli.out, explanation);
      await writeAll(cli.out, `${explanationText(explanation, colorsFor(cli.out, variables))}\n`);
    });
}

/** Pure. */
export function explanationText(
  { stream, runs, fields, schemaNews, muted, next }: Explanation,
  colors: Colors,
): string {
  const stories = runs.flatMap(({ began, events }) => [
    `${colors.bold('Run')} begun ${began}`,
    ...events.map(({ until, sentence }) => `  ${colors.dim(until)}  ${oneLine(sentence)}`),
    '',
  ]);
  const told = runs.length === 0 ? ['Nothing is known of earlier runs.', ''] : stories;
  const missing = fields === null ? [] : [`${colors.bold('Fields:')} ${oneLine(fields)}`];
  const news = schemaNews.map(
    (one) => `${colors.bold('Schema:')} ${colors.dim(one.at)}  ${oneLine(fieldChangeInWords(one))}`,
  );
  return [
    colors.bold(stream),
    '',
    ...told,
    ...missing,
    ...news,
    ...(muted === null ? [] : [`${colors.bold('Pages:')} ${oneLine(muted)}`]),
    `${colors.bold('Next:')} ${oneLine(next)}`,
  ].join('\n');
}
