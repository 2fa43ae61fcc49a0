#!/usr/bin/env node
import { existsSync } from 'node:fs';
import process from 'node:process';
import { URL } from 'node:url';

/*
 * The command. It is compiled in the package alone, for Node takes no types away below node_modules; the project runs as it
 * is written. Any Node that has ES modules can read this file, so that an older one is told what is needed.
 */
const needed = 24;
const major = Number(process.versions.node.split('.', 1)[0]);
const written = new URL('../infra/cli.ts', import.meta.url);
const isWritten = existsSync(written);

if (process.argv[2] === 'init' && !isWritten) {
  // It makes the project that brings the right Node along.
  const { init } = await import('../dist/infra/init/init.js');
  process.exit(init(process.argv.slice(3), process.stdout, process.stderr));
}
if (major < needed) {
  process.stderr.write(
    `Pagekeeper needs Node ${needed} and this is ${process.version}. In a project of your own, npm install --save-dev node@${needed} brings it along for npx pagekeeper and for npm scripts, once "allowScripts" in package.json lets "node" run its install script; in Pagekeeper's own project, npm ci does.\n`,
  );
  process.exit(2);
}
await import(isWritten ? written.href : '../dist/infra/cli.js');
