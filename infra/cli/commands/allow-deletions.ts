import type { Command } from 'commander';

import { allowanceOf } from '../../../lib/sync/deletions.ts';
import { allowDeletions } from '../../../lib/operations/allow-deletions.ts';
import { count } from '../../terminal/words.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import { mayGoOn, type Cli } from './cli-context.ts';
import { mustKnowStream } from '../store/targets.ts';

type Options = StoreOptions & WhyOption & { readonly yes?: true };

export function addAllowDeletions(root: Command, cli: Cli): void {
  withWhy(withStoreOptions(root.command('allow-deletions')))
    .description('lets the next run delete what was held back as a mass deletion')
    .argument('<stream>', 'such as mobaro/users')
    .option('-y, --yes', 'without asking first')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper allow-deletions mobaro/users       asks first, with their number
  npx pagekeeper allow-deletions mobaro/users --yes --stack Pagekeeper

The next run that looks marks that many as deleted, and no more; their content is kept for some time
(tombstoneRetentionDays). It holds for a week: what is still held then has to be allowed anew.`,
    )
    .action(async (stream: string, options: Options) => {
      const { place, use } = chooseStore(options, cli.variables);
      // The store is not kept open while somebody thinks.
      const held = await use(async (store) => {
        mustKnowStream(store, stream, 'allow-deletions');
        const checkpoint = await store.checkpoints.read(stream);
        const { heldDeletions = null } = checkpoint ?? {};
        return checkpoint && allowanceOf(checkpoint, Date.now()) === null ? heldDeletions : null;
      });
      const question = `Let the next run of ${stream} in ${place} delete up to ${count(held?.rows ?? 0)} of ${count(held?.of ?? 0)} records?`;
      if (held !== null && !(await mayGoOn('allow-deletions', question, options, cli))) return;
      await use(async (store) => {
        const asked = { command: 'allow-deletions', target: stream, why: options.why } as const;
        const allow = async () => {
          const { checkpoints } = store;
          const { changed, sentence } = await allowDeletions(stream, {
            ...{ checkpoints, clock: { now: Date.now } },
          });
          return [{ target: stream, changed, sentence }];
        };
        await act(asked, [stream], store, allow, options.json === true, cli);
      });
    });
}
