import type { Command } from 'commander';

import { addTry } from './try.ts';
import type { Cli } from '../commands/cli-context.ts';

export function addConnector(root: Command, cli: Cli): void {
  const connector = root.command('connector').description('tries a connector of your own');
  addTry(connector, cli);
}
