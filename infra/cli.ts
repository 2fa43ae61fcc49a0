#!/usr/bin/env node
import './cli/require-node.ts';

import { endWith } from './cli/end-with.ts';
import { confirmOn } from './cli/confirm.ts';
import { pagekeeper } from './cli/program.ts';

endWith(() => {
  const confirm = confirmOn(process.stdin, process.stderr);
  return pagekeeper(process.argv.slice(2), process.stdout, process.env, confirm);
});
