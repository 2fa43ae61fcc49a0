import { Command, CommanderError } from 'commander';

import { version } from '../../lib/sync/version.ts';
import { startCommand } from '../../lib/operations/words.ts';
import type { Ask } from '../terminal/ask.ts';
import type { AskHidden } from '../terminal/ask-hidden.ts';
import type { Confirm } from '../terminal/confirm.ts';
import { UsageError, usageErrorOf } from '../terminal/usage-error.ts';
import { writeAll } from '../terminal/write-all.ts';
import { addAllowDeletions } from './commands/allow-deletions.ts';
import { addAllowEmptyFields } from './commands/allow-empty-fields.ts';
import { addAudit } from './commands/audit.ts';
import { addChanges } from './commands/changes.ts';
import { addCheck } from './commands/check.ts';
import type { Cli } from './commands/cli-context.ts';
import { addConnector } from './connector/add-connector.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addEvents } from './commands/events.ts';
import { addExplain } from './commands/explain.ts';
import { addExport } from './commands/export.ts';
import { addFix } from './commands/fix.ts';
import { addForget, howToForget } from './commands/forget.ts';
import { addMute } from './commands/mute.ts';
import { addPause } from './commands/pause.ts';
import { addPolicy } from './commands/policy.ts';
import { addQuery } from './commands/query.ts';
import { addRecords } from './commands/records.ts';
import { addReset } from './commands/reset.ts';
import { addResume } from './commands/resume.ts';
import { addRun } from './commands/run.ts';
import { addSecret } from './commands/secret.ts';
import { addSchema } from './commands/schema.ts';
import { addSize } from './commands/size.ts';
import { addStatus } from './commands/status.ts';
import { addStreams } from './commands/streams.ts';
import { addTestAlarm } from './commands/test-alarm.ts';

const examples = `
Examples:
  npx pagekeeper init sync --vendor new                  a project of your own
  npx pagekeeper status                                  how every stream stands
  npx pagekeeper explain mobaro/users                    its last runs, and what happens next
  npx pagekeeper run mobaro/users                        now, and not with the next tick
  npx pagekeeper fix mobaro                              after a refused key (401): asks for a new one
  npx pagekeeper resume mobaro/timesheets                after a 403, 404 or another halt
  npx pagekeeper query 'select * from bob_people limit 5'
  npx pagekeeper changes --since 1d                      what has become of which records
  npx pagekeeper events --follow                         what is told of runs and records
  npx pagekeeper export --format parquet --out tables/
  npx pagekeeper audit --since 7d                        who has changed what, and why
  npx pagekeeper status --stack Pagekeeper               of a deployment, with your AWS credentials
  npx pagekeeper reset --help                            of one command, with its examples

The data is that of ${startCommand} on this machine, also while it runs, or with --stack that of a deployment.

AWS credentials and the region come from the environment (AWS_PROFILE or AWS_ACCESS_KEY_ID, and AWS_REGION), or from
--profile and --region.

Exit status: 0 done, or so already; 1 it failed, could not be done or was called off; 2 wrong usage;
130 stopped with Ctrl-C.`;

/** In the order of the help. */
const commands = [
  addStatus,
  addExplain,
  addCheck,
  addRun,
  addPause,
  addResume,
  addFix,
  addMute,
  addReset,
  addRecords,
  addStreams,
  addConnector,
  addChanges,
  addEvents,
  addExport,
  addQuery,
  addSchema,
  addForget,
  addAllowDeletions,
  addAllowEmptyFields,
  addSecret,
  addDeadLetters,
  addTestAlarm,
  addAudit,
  addSize,
  addPolicy,
];

/** What is the process's own, unless a test brings another. */
interface CommandContext {
  readonly input?: Cli['input'];
  readonly err?: Cli['err'];
  readonly askHidden?: AskHidden | null;
  readonly ask?: Ask | null;
  /** Ends what would go on for ever. */
  readonly signal?: AbortSignal;
}

/**
 * The `pagekeeper` command.
 * @param argv without node and the script
 * @param confirm null where there is nobody to ask
 * @returns the exit status
 * @throws UsageError in one sentence
 */
export async function pagekeeper(
  argv: readonly string[],
  out: NodeJS.WriteStream,
  variables: Readonly<Record<string, string | undefined>>,
  confirm: Confirm | null,
  {
    input = process.stdin,
    err = process.stderr,
    askHidden = null,
    ask = null,
    signal = new AbortController().signal,
  }: CommandContext = {},
): Promise<number> {
  let answer = '';
  let status = 0;
  const cli: Cli = {
    ...{ out, err, input, variables, confirm, askHidden, ask, signal },
    end: (worse) => {
      status = worse;
    },
  };
  const root = new Command('pagekeeper')
    .description('Looks after what Pagekeeper has stored, and acts on it.')
    .version(version)
    // What stands behind a command is that command's, also where the one above it has an option of the same name.
    .enablePositionalOptions()
    .addHelpText('after', examples);
  // They have options of their own, which are read before it comes to this: here they stand for the help.
  root
    .command('init')
    .usage('[dir] [options]')
    .description('writes a project of your own, to be started and deployed');
  root.command('start').usage('[options]').description('syncs every stream on this machine');
  for (const add of commands) add(root, cli);
  // The one whose words were wrong: its own help is what shows the right ones.
  let wrong = root;
  for (const command of everyOne(root)) {
    command
      .helpOption('-h, --help', 'show this')
      .allowExcessArguments(false)
      .exitOverride((error) => {
        wrong = command;
        throw error;
      })
      .configureOutput({ writeOut: (text) => (answer += text), writeErr: () => undefined });
    command.helpCommand(false);
  }
  try {
    if (argv.length === 0) {
      const names = root.commands.map((command) => command.name());
      throw new UsageError(`Name a command: ${names.join(', ')}. ${helpOf(root)} shows how.`);
    }
    await root.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.help') throw unfinished(wrong);
    if (error.exitCode !== 0) throw whatIsWrong(error, wrong);
  }
  if (answer !== '') await writeAll(out, answer);
  return status;
}

function everyOne(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyOne)];
}

/** The name of a group of commands alone: Commander would print its whole help. */
function unfinished(group: Command): UsageError {
  const names = group.commands.map((part) => part.name()).join(', ');
  return new UsageError(`${group.name()} takes one of: ${names}. ${helpOf(group)} shows how.`);
}

/** An id that begins with a hyphen, or holds a blank, is taken for something else by `forget`: it is said how to write it. */
function whatIsWrong(error: CommanderError, command: Command): UsageError {
  const isMisread = ['commander.unknownOption', 'commander.excessArguments'].includes(error.code);
  return command.name() === 'forget' && isMisread
    ? new UsageError(howToForget)
    : usageErrorOf(error, helpOf(command));
}

function helpOf(command: Command): string {
  const names: string[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name());
  return `npx ${names.join(' ')} --help`;
}
