import type { Command } from 'commander';

import { addNew } from './new.ts';
import { addTry } from './try.ts';
import type { Cli } from '../commands/cli-context.ts';

export function addConnector(root: Command, cli: Cli): void {
  const connector = root.command('connector').description('writes and tries a connector of your own');
  addNew(connector, cli);
  addTry(connector, cli);
}
