import './require-node.ts';

import { askOn } from './terminal/ask.ts';
import { askHiddenOn } from './terminal/ask-hidden.ts';
import { endWith } from './end-with.ts';
import { confirmOn } from './terminal/confirm.ts';
import { pagekeeper } from './cli/program.ts';
import { init } from './init/init.ts';
import { folderTypedIn } from './laptop/data-folder/data-folder.ts';
import { keepFilesPrivate } from './laptop/data-folder/private-files.ts';

endWith(async () => {
  const [command, ...options] = process.argv.slice(2);
  if (command === 'start') return (await import('./start.ts')).start(options);
  if (command === 'init') return init(options, process.stdout, process.stderr);
  keepFilesPrivate();
  process.chdir(folderTypedIn(process.env));
  const confirm = confirmOn(process.stdin, process.stderr);
  const askHidden = askHiddenOn(process.stdin, process.stderr);
  const ask = askOn(process.stdin, process.stderr);
  const stop = new AbortController();
  const argv = process.argv.slice(2);
  // Whatever else is stopped ends as any program does.
  if (argv.includes('--watch') || argv.includes('--follow')) process.once('SIGINT', () => stop.abort());
  return pagekeeper(argv, process.stdout, process.env, confirm, { askHidden, ask, signal: stop.signal });
});
