import type { Command } from 'commander';

import { allowEmptyFields } from '../../../lib/operations/allow-empty-fields.ts';
import { withheldCategories } from '../../../lib/sync/field-access.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { mustKnowStream } from '../store/targets.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import { mayGoOn, type Cli } from './cli-context.ts';

type Options = StoreOptions & WhyOption & { readonly yes?: true };

export function addAllowEmptyFields(root: Command, cli: Cli): void {
  withWhy(withStoreOptions(root.command('allow-empty-fields')))
    .description('lets rows be written without the fields that the vendor gives no more')
    .argument('<stream>', 'such as bob/people')
    .option('-y, --yes', 'without asking first')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper allow-empty-fields bob/people       asks first, with their category
  npx pagekeeper allow-empty-fields bob/people --yes --stack Pagekeeper

For a stream that writes nothing because a category of fields has come to an end: if the last person who had one has left,
and the key may still see it. What is stored of these fields is overwritten.`,
    )
    .action(async (stream: string, options: Options) => {
      const { place, use } = chooseStore(options, cli.variables);
      // The store is not kept open while somebody thinks.
      const categories = await use(async (store) => {
        mustKnowStream(store, stream, 'allow-empty-fields');
        const checkpoint = await store.checkpoints.read(stream);
        return checkpoint === undefined ? [] : withheldCategories(checkpoint);
      });
      const question = `Let the next run of ${stream} in ${place} write its rows without ${categories.join(', ')}? What is stored of that is overwritten.`;
      if (categories.length > 0 && !(await mayGoOn('allow-empty-fields', question, options, cli))) return;
      await use(async (store) => {
        const asked = { command: 'allow-empty-fields', target: stream, why: options.why } as const;
        const allow = async () => [await allowEmptyFields(stream, store)];
        await act(asked, [stream], store, allow, options.json === true, cli);
      });
    });
}
