#!/usr/bin/env node
import './cli/require-node.ts';

import { askHiddenOn } from './cli/ask-hidden.ts';
import { endWith } from './cli/end-with.ts';
import { confirmOn } from './cli/confirm.ts';
import { pagekeeper } from './cli/program.ts';
import { keepFilesPrivate } from './local/private-files.ts';

endWith(() => {
  keepFilesPrivate();
  const confirm = confirmOn(process.stdin, process.stderr);
  const askHidden = askHiddenOn(process.stdin, process.stderr);
  const stop = new AbortController();
  const argv = process.argv.slice(2);
  // Whatever else is stopped ends as any program does.
  if (argv.includes('--watch')) process.once('SIGINT', () => stop.abort());
  return pagekeeper(argv, process.stdout, process.env, confirm, { askHidden, signal: stop.signal });
});
