#!/usr/bin/env node
import './cli/require-node.ts';

import { endWith } from './cli/end-with.ts';
import { pagekeeper } from './cli/program.ts';

endWith(async () => {
  await pagekeeper(process.argv.slice(2), process.stdout, process.env);
  return 0;
});
