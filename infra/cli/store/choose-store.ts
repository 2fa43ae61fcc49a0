import { Option, type Command } from 'commander';
import { startCommand } from '../../../lib/operations/words.ts';

import { quoted } from '../../terminal/words.ts';
import { dataDirOf } from '../../laptop/data-folder/data-folder.ts';
import { defaultDataDir } from '../../settings/project.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { openDataFolderStore } from './data-folder-store.ts';
import { inDeployment } from './deployment-error.ts';
import { openDeploymentStore } from './deployment-store.ts';
import type { Store } from './store.ts';

export interface StoreOptions {
  readonly data?: string;
  readonly stack?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly json?: true;
  /** False where it is not wanted. */
  readonly color?: boolean;
}

/** What the options name, not opened yet. */
export interface ChosenStore {
  /** As a person knows it. */
  readonly place: string;
  /** The same as it is to be typed behind a command; nothing if it is the default. */
  readonly where: string;
  readonly isDeployment: boolean;
  /** Null for a deployment. */
  readonly dataDir: string | null;
  /** Those of the shell, and what the options say instead. */
  readonly variables: Variables;
  /** Opens it for as long as `act` takes. */
  readonly use: <T>(act: (store: Store) => Promise<T>) => Promise<T>;
}

type Variables = Readonly<Record<string, string | undefined>>;

export function withStoreOptions(command: Command): Command {
  return command
    .addOption(new Option('--data <dir>', `the folder of ${startCommand} (default: .pagekeeper)`))
    .addOption(new Option('--stack <name>', 'a deployment in AWS instead').conflicts('data'))
    .addOption(new Option('--profile <name>', 'AWS profile for --stack').conflicts('data'))
    .addOption(new Option('--region <name>', 'AWS region for --stack').conflicts('data'))
    .option('--no-color', 'without colours, as with NO_COLOR');
}

/** @throws UsageError */
export function chooseStore(options: StoreOptions, shell: Variables): ChosenStore {
  const { data, stack, profile, region, color } = options;
  const variables: Variables = {
    ...shell,
    ...(profile !== undefined && { AWS_PROFILE: profile }),
    ...(region !== undefined && { AWS_REGION: region }),
    ...(color === false && { NO_COLOR: '1' }),
  };
  for (const [name, value] of Object.entries({ profile, region })) {
    if (value === '') throw new UsageError(`--${name} takes a name, and was given nothing.`);
    if (value !== undefined && stack === undefined)
      throw new UsageError(`--${name} goes with --stack: what is on this machine needs none.`);
  }
  if (stack !== undefined) {
    if (!stackName.test(stack)) {
      throw new UsageError(
        stack === ''
          ? '--stack takes the name of a stack, such as Pagekeeper, and was given nothing.'
          : `--stack takes the name of a stack (letters, digits and hyphens), such as Pagekeeper.`,
      );
    }
    const account = { ...(profile !== undefined && { profile }), ...(region !== undefined && { region }) };
    const chosen = Object.entries({ stack, ...account }).map(
      ([name, value]) => ` --${name} ${quoted(value)}`,
    );
    return {
      place: `the stack ${stack}`,
      where: chosen.join(''),
      isDeployment: true,
      dataDir: null,
      variables,
      use: (act) =>
        inDeployment(variables, () => withStore(openDeploymentStore(stack, variables, account), act)),
    };
  }
  if (data === '') throw new UsageError('--data takes the name of a folder, and was given nothing.');
  const dataDir = dataDirOf(data ?? null, variables);
  return {
    place: dataDir,
    where: data === undefined || dataDir === defaultDataDir ? '' : ` --data ${quoted(data)}`,
    isDeployment: false,
    dataDir,
    variables,
    use: (act) => withStore(openDataFolderStore(dataDir), act),
  };
}

/** As CloudFormation has them. */
const stackName = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

async function withStore<T>(opening: Promise<Store>, act: (store: Store) => Promise<T>): Promise<T> {
  const store = await opening;
  try {
    return await act(store);
  } finally {
    await store.close();
  }
}
