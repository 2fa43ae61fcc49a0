import { Option, type Command } from 'commander';

import { quoted } from '../local/screen/words.ts';
import { dataDirOf, defaultDataDir } from '../local/start-data-folder.ts';
import { UsageError } from '../local/start-usage-error.ts';
import { openDataFolderStore } from './data-folder-store.ts';
import { inDeployment } from './deployment-error.ts';
import { openDeploymentStore } from './deployment-store.ts';
import type { Store } from './store.ts';

export interface StoreOptions {
  readonly data?: string;
  readonly stack?: string;
}

/** What the options name, not opened yet. */
export interface ChosenStore {
  /** As a person knows it. */
  readonly place: string;
  /** The same as it is to be typed behind a command; nothing if it is the default. */
  readonly where: string;
  /** Opens it for as long as `act` takes. */
  readonly use: (act: (store: Store) => Promise<void>) => Promise<void>;
}

export function withStoreOptions(command: Command): Command {
  return command
    .addOption(new Option('--data <dir>', 'the folder of npm start (default: .pagekeeper)'))
    .addOption(new Option('--stack <name>', 'a deployment in AWS instead').conflicts('data'));
}

/** @throws UsageError */
export function chooseStore(
  { data, stack }: StoreOptions,
  variables: Readonly<Record<string, string | undefined>>,
): ChosenStore {
  if (stack !== undefined) {
    if (!stackName.test(stack)) {
      throw new UsageError(
        stack === ''
          ? '--stack takes the name of a stack, such as Pagekeeper, and was given nothing.'
          : `--stack takes the name of a stack (letters, digits and hyphens), such as Pagekeeper, not "${stack}".`,
      );
    }
    return {
      place: `the stack ${stack}`,
      where: ` --stack ${stack}`,
      use: (act) => inDeployment(variables, () => withStore(openDeploymentStore(stack, variables), act)),
    };
  }
  if (data === '') throw new UsageError('--data takes the name of a folder, and was given nothing.');
  const dataDir = dataDirOf(data ?? null, variables);
  return {
    place: dataDir,
    where: data === undefined || dataDir === defaultDataDir ? '' : ` --data ${quoted(data)}`,
    use: (act) => withStore(openDataFolderStore(dataDir), act),
  };
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
