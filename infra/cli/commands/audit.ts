import { Option, type Command } from 'commander';

import { concerns, names } from '../../../lib/operations/audit.ts';
import { auditKeptMs, type AuditEntry } from '../../../lib/sync/audit.ts';
import { colorsFor } from '../../terminal/colors.ts';
import { writeAll } from '../../terminal/write-all.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { streamsOf } from '../store/targets.ts';
import { printJson, type Cli } from './cli-context.ts';
import { auditText } from './print-audit.ts';
import { sinceOf } from './since.ts';

type Options = StoreOptions & { readonly since?: number };

export function addAudit(root: Command, cli: Cli): void {
  withStoreOptions(root.command('audit'))
    .description('tells who has changed what by these commands, when and why; newest first')
    .argument('[target]', 'a stream, such as mobaro/users, or a connection with its streams')
    .addOption(
      new Option('--since <when>', 'a date, a time, or how long ago (default: all of 400 days)').argParser(
        (text) => sinceOf(text, Date.now()),
      ),
    )
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper audit                              on this machine
  npx pagekeeper audit mobaro --since 7d --stack Pagekeeper
  npx pagekeeper audit --since 2026-03-01 --json --stack Pagekeeper

Each command that acts is written down before it takes effect, and again with what it came to. Say why with --why.`,
    )
    .action(async (target: string | undefined, options: Options) => {
      const { variables, use } = chooseStore(options, cli.variables);
      const entries = await use(async (store) => {
        const found = await store.audit.list(options.since ?? Date.now() - auditKeptMs);
        if (target === undefined) return found;
        // There may be entries of a stream that is no more; where none has the name, it has to be known.
        if (!found.some((entry) => names(entry, target))) streamsOf(store, target);
        return found.filter((entry) => concerns(entry, target));
      });
      if (options.json === true) return printJson(cli.out, { entries: entries.map(jsonOf) });
      const text =
        entries.length === 0 ? nothing : auditText(entries, Date.now(), colorsFor(cli.out, variables));
      await writeAll(cli.out, `${text}\n`);
    });
}

const nothing = 'No person has changed anything by a command in that time.';

/** Without what only tells entries apart in the table. Pure. */
function jsonOf({ at, who, command, target, typed, why, before, end }: AuditEntry): object {
  return {
    ...{ at, who, command, target, typed, why },
    outcome: end?.outcome ?? 'unknown',
    endedAt: end?.at ?? null,
    fault: end?.fault ?? null,
    results: end?.results ?? [],
    before,
    after: end?.after ?? [],
  };
}
