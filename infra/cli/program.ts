import { Command, CommanderError, Option } from 'commander';

import { recordFormats, type RecordFormat } from '../../lib/operations/list-records.ts';
import { quoted } from '../local/screen/words.ts';
import { dataDirOf, defaultDataDir } from '../local/start-data-folder.ts';
import { usageErrorOf } from '../local/start-options.ts';
import { UsageError } from '../local/start-usage-error.ts';
import { openDataFolderStore } from './data-folder-store.ts';
import { inDeployment } from './deployment-error.ts';
import { openDeploymentStore } from './deployment-store.ts';
import { printRecords } from './print-records.ts';
import { printStatus } from './print-status.ts';
import { printResumed } from './resume.ts';
import type { Store } from './store.ts';
import { version } from './version.ts';
import { writeAll } from './write-all.ts';

const examples = `
Examples:
  npx pagekeeper status                                  how every stream stands
  npx pagekeeper records mobaro/users                    one JSON object a line
  npx pagekeeper records bob/people --format csv > people.csv
  npx pagekeeper resume mobaro                           after a refused key (401)
  npx pagekeeper resume mobaro/webhooks                  after a 403, 404 or another halt
  npx pagekeeper status --stack Pagekeeper               of a deployment, with your AWS credentials

The data is that of npm start on this machine, also while it runs, or with --stack that of a deployment.

AWS credentials and the region come from the environment: AWS_PROFILE or AWS_ACCESS_KEY_ID, and AWS_REGION.

Exit status: 0 done, 1 it failed, 2 wrong usage.`;

interface StoreOptions {
  readonly data?: string;
  readonly stack?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** The `pagekeeper` command. @param argv without node and the script. @throws UsageError in one sentence */
export async function pagekeeper(
  argv: readonly string[],
  out: NodeJS.WriteStream,
  variables: Variables,
): Promise<void> {
  let answer = '';
  const root = new Command('pagekeeper')
    .description('Looks after what Pagekeeper has stored.')
    .version(version())
    .addHelpText('after', examples);

  withStoreOptions(root.command('records'))
    .description('prints the stored records of a stream')
    .argument('<stream>', 'such as mobaro/users')
    .addOption(new Option('--format <format>', 'how').choices(recordFormats).default('ndjson'))
    .action(async (stream: string, options: StoreOptions & { readonly format: RecordFormat }) => {
      await withOpen(options, variables, (store) => printRecords(store, stream, options.format, out));
    });
  withStoreOptions(root.command('status'))
    .description('prints how every stream stands')
    .option('--json', 'as one JSON object')
    .action(async (options: StoreOptions & { readonly json?: true }) => {
      await withOpen(options, variables, (store, where) =>
        printStatus(store, options.json === true, where, out, variables),
      );
    });
  withStoreOptions(root.command('resume'))
    .description('lets a connection or a stream go on that halted')
    .argument('<target>', 'a connection, such as mobaro, or a stream, such as mobaro/users')
    .action(async (target: string, options: StoreOptions) => {
      await withOpen(options, variables, (store) => printResumed(store, target, out));
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
      throw new UsageError(`Name a command: records, status or resume. ${help} shows how.`);
    await root.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageErrorOf(error, help);
  }
  if (answer !== '') await writeAll(out, answer);
}

const help = 'npx pagekeeper --help';

function withStoreOptions(command: Command): Command {
  return command
    .addOption(new Option('--data <dir>', 'the folder of npm start (default: .pagekeeper)'))
    .addOption(new Option('--stack <name>', 'a deployment in AWS instead').conflicts('data'));
}

/** @param act is given what chose the store, as it is to be typed behind a command; nothing if it is the default. */
async function withOpen(
  { data, stack }: StoreOptions,
  variables: Variables,
  act: (store: Store, where: string) => Promise<void>,
): Promise<void> {
  if (stack !== undefined) {
    if (!stackName.test(stack)) {
      throw new UsageError(
        stack === ''
          ? '--stack takes the name of a stack, such as Pagekeeper, and was given nothing.'
          : `--stack takes the name of a stack (letters, digits and hyphens), such as Pagekeeper, not "${stack}".`,
      );
    }
    await inDeployment(variables, () =>
      withStore(openDeploymentStore(stack, variables), (store) => act(store, ` --stack ${stack}`)),
    );
    return;
  }
  if (data === '') throw new UsageError('--data takes the name of a folder, and was given nothing.');
  const dataDir = dataDirOf(data ?? null, variables);
  const where = data === undefined || dataDir === defaultDataDir ? '' : ` --data ${quoted(data)}`;
  await withStore(openDataFolderStore(dataDir), (store) => act(store, where));
}

/** As CloudFormation has them. */
const stackName = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

async function withStore(opening: Promise<Store>, act: (store: Store) => Promise<void>): Promise<void> {
  const store = await opening;
  try {
    await act(store);
  } finally {
    await store.close();
  }
}
