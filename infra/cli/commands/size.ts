import type { Command } from 'commander';

import { readSource } from '../../emulator/template/read-assembly.ts';
import { withAssembly } from '../../laptop/run/synthesize.ts';
import { contextOfProject } from '../../settings/project.ts';
import { awsLimits } from '../../settings/aws-limits.ts';
import { readSettings } from '../../settings/read-settings.ts';
import { colorsFor } from '../../terminal/colors.ts';
import { calmTable } from '../../terminal/table.ts';
import { writeAll } from '../../terminal/write-all.ts';
import { stackSizes, type Size, type StackSizes } from '../size/stack-sizes.ts';
import { printJson, type Cli } from './cli-context.ts';

export function addSize(root: Command, cli: Cli): void {
  root
    .command('size')
    .description('how large the stacks of cdk.json are, beside what AWS allows')
    .option('--json', 'as one JSON object')
    .option('--no-color', 'without colours, as with NO_COLOR')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper size                               before a connection is added

A connection for which the stack has no room goes into a nested stack of its own. What is only known at deploy, such as
the names of queues, is counted as 140 characters each.`,
    )
    .action(async ({ json, color }: { readonly json?: true; readonly color: boolean }) => {
      const context = contextOfProject();
      // A wrong setting is told as everywhere: the app would tell it from within another process.
      readSettings(context.pagekeeper);
      const source = await withAssembly({ context, signal: cli.signal }, readSource);
      const stacks = stackSizes(source);
      if (json === true) return printJson(cli.out, { limits: awsLimits, stacks });
      const variables = color ? cli.variables : { ...cli.variables, NO_COLOR: '1' };
      await writeAll(cli.out, sizeTable(stacks, colorsFor(cli.out, variables)));
    });
}

const headings: Readonly<Record<Size, string>> = {
  resources: 'resources',
  template: 'template',
  environment: 'variables',
  inline: 'role',
  resource: 'queue',
  parameters: 'in',
  outputs: 'out',
};

/** Pure. */
export function sizeTable(stacks: readonly StackSizes[], colors: ReturnType<typeof colorsFor>): string {
  const sizes = Object.keys(awsLimits) as Size[];
  const table = calmTable(
    ['stack', ...sizes.map((size) => headings[size])],
    ['left', ...sizes.map(() => 'right' as const)],
    colors,
    { gaps: 'close' },
  );
  for (const { name, sizes: of } of stacks) {
    table.push([name, ...sizes.map((size) => of[size].value.toLocaleString('en'))]);
  }
  table.push(['AWS allows', ...sizes.map((size) => awsLimits[size].toLocaleString('en'))].map(colors.dim));
  return `${table.toString()}\n\nThe largest of each: bytes of a template, of a function's variables, and of the\npolicies of a role and a queue; parameters that go in, outputs that come out.\n`;
}
