import { Command, CommanderError, Option } from 'commander';

import { recordFormats, type RecordFormat } from '../../lib/operations/list-records.ts';
import { usageErrorOf } from '../local/start-options.ts';
import { UsageError } from '../local/start-usage-error.ts';
import { printAllowed } from './allow-deletions.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from './choose-store.ts';
import type { Confirm } from './confirm.ts';
import { howToForget, mayForget, printForgotten } from './forget.ts';
import { printRecords } from './print-records.ts';
import { printStatus } from './print-status.ts';
import { printResumed } from './resume.ts';
import { version } from './version.ts';
import { writeAll } from './write-all.ts';

const examples = `
Examples:
  npx pagekeeper status                                  how every stream stands
  npx pagekeeper records mobaro/users                    one JSON object a line
  npx pagekeeper records bob/people --format csv > people.csv
  npx pagekeeper resume mobaro                           after a refused key (401)
  npx pagekeeper resume mobaro/webhooks                  after a 403, 404 or another halt
  npx pagekeeper allow-deletions mobaro/users            after a mass deletion was held back
  npx pagekeeper forget mobaro/users users/1-A           erases one record now
  npx pagekeeper forget mobaro/users --yes -- -1         the same without a question; the id begins with a dash
  npx pagekeeper status --stack Pagekeeper               of a deployment, with your AWS credentials

The data is that of npm start on this machine, also while it runs, or with --stack that of a deployment.

AWS credentials and the region come from the environment: AWS_PROFILE or AWS_ACCESS_KEY_ID, and AWS_REGION.

Exit status: 0 done, 1 it failed or was called off, 2 wrong usage.`;

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The `pagekeeper` command.
 * @param argv without node and the script
 * @param confirm null where there is nobody to ask
 * @returns the exit status: 1 if the person who was asked said no
 * @throws UsageError in one sentence
 */
export async function pagekeeper(
  argv: readonly string[],
  out: NodeJS.WriteStream,
  variables: Variables,
  confirm: Confirm | null,
): Promise<number> {
  let answer = '';
  let status = 0;
  const root = new Command('pagekeeper')
    .description('Looks after what Pagekeeper has stored.')
    .version(version())
    .addHelpText('after', examples);

  withStoreOptions(root.command('records'))
    .description('prints the stored records of a stream')
    .argument('<stream>', 'such as mobaro/users')
    .addOption(new Option('--format <format>', 'how').choices(recordFormats).default('ndjson'))
    .action((stream: string, options: StoreOptions & { readonly format: RecordFormat }) =>
      chooseStore(options, variables).use((store) => printRecords(store, stream, options.format, out)),
    );
  withStoreOptions(root.command('status'))
    .description('prints how every stream stands')
    .option('--json', 'as one JSON object')
    .action((options: StoreOptions & { readonly json?: true }) => {
      const { where, use } = chooseStore(options, variables);
      return use((store) => printStatus(store, options.json === true, where, out, variables));
    });
  withStoreOptions(root.command('resume'))
    .description('lets a connection or a stream go on that halted')
    .argument('<target>', 'a connection, such as mobaro, or a stream, such as mobaro/users')
    .action((target: string, options: StoreOptions) =>
      chooseStore(options, variables).use((store) => printResumed(store, target, out)),
    );
  withStoreOptions(root.command('allow-deletions'))
    .description('lets the next run delete what was held back as a mass deletion')
    .argument('<stream>', 'such as mobaro/users')
    .action((stream: string, options: StoreOptions) =>
      chooseStore(options, variables).use((store) => printAllowed(store, stream, out)),
    );
  withStoreOptions(root.command('forget'))
    .description('erases one stored record now')
    .argument('<stream>', 'such as mobaro/users')
    .argument('<id>', "the record's, as records shows it; behind -- if it begins with a dash")
    .option('-y, --yes', 'without asking first')
    .action(async (stream: string, id: string, options: StoreOptions & { readonly yes?: true }) => {
      const { place, use } = chooseStore(options, variables);
      const record = { stream, id, yes: options.yes === true };
      if (await mayForget(record, confirm, place)) {
        await use((store) => printForgotten(store, record, out));
      } else {
        answer = 'Nothing has been erased.\n';
        status = 1;
      }
    });

  for (const command of [root, ...root.commands]) {
    command
      .helpOption('-h, --help', 'show this')
      .allowExcessArguments(false)
      .exitOverride()
      .configureOutput({ writeOut: (text) => (answer += text), writeErr: () => undefined });
  }
  root.helpCommand(false);
  try {
    if (argv.length === 0)
      throw new UsageError(
        `Name a command: records, status, resume, allow-deletions or forget. ${help} shows how.`,
      );
    await root.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw argv[0] === 'forget' ? unrepeated(error) : usageErrorOf(error, help);
  }
  if (answer !== '') await writeAll(out, answer);
  return status;
}

/** Commander repeats what it does not understand, and that may be the id of somebody's record. */
function unrepeated(error: CommanderError): UsageError {
  const repeats = ['commander.unknownOption', 'commander.excessArguments'].includes(error.code);
  return repeats ? new UsageError(howToForget) : usageErrorOf(error, help);
}

const help = 'npx pagekeeper --help';
