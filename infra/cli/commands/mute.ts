import { InvalidArgumentError, Option, type Command } from 'commander';

import { pageAlarmsOf } from '../../../lib/on-call/mute.ts';
import { muteConnection, unmuteConnection } from '../../../lib/operations/mute.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import type { Deployment } from '../store/deployment.ts';
import { muteRules } from '../store/mute-rules.ts';
import { mustKnowConnection } from '../store/targets.ts';
import { act, withWhy, type WhyOption } from './act.ts';
import type { Cli } from './cli-context.ts';

interface Options extends StoreOptions, WhyOption {
  readonly for?: MuteTime;
  readonly off?: true;
}

interface MuteTime {
  readonly typed: string;
  readonly ms: number;
}

export function addMute(root: Command, cli: Cli): void {
  withWhy(withStoreOptions(root.command('mute')))
    .description('lets nothing of a connection page for a while')
    .argument('<connection>', 'such as mobaro')
    .addOption(
      new Option('--for <time>', 'how long: 30m, 2h or 1d, up to 14d; with --why').argParser(muteTimeOf),
    )
    .addOption(new Option('--off', 'ends it now').conflicts('for'))
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper mute mobaro --for 2h --why 'Mobaro moves to another host' --stack Pagekeeper
  npx pagekeeper mute mobaro --off --stack Pagekeeper

Syncs go on, and so do tickets. What begins meanwhile and still stands at the end is sent once; what ends meanwhile still
ends its page. Muted once more, the new time holds. status shows it.`,
    )
    .action(async (connection: string, options: Options) => {
      const { why, off } = options;
      const { variables, use } = chooseStore(options, cli.variables);
      mustSayHow(options);
      await use(async (store) => {
        mustKnowConnection(store, connection, 'mute');
        const { deployment, mutes } = store;
        // Before anything is changed: a deployment of another version may have other alarms.
        const alarms = deployment === null || off === true ? [] : await mutedAlarms(deployment, connection);
        const rules = deployment && muteRules(deployment, alarms, variables);
        const ports = { mutes, rules, clock: { now: Date.now } };
        const asked = {
          ...({ command: 'mute', target: connection, why } as const),
          options: options.for === undefined ? '--off' : `--for ${options.for.typed}`,
        };
        const mute = async (by: string) => [
          options.for === undefined
            ? await unmuteConnection(connection, ports)
            : await muteConnection(connection, { forMs: options.for.ms, why: why ?? '', by }, ports),
        ];
        await act(asked, [], store, mute, options.json === true, cli);
      });
    });
}

/** @throws UsageError */
function mustSayHow({ for: time, off, why }: Options): void {
  if (time === undefined && off === undefined) {
    throw new UsageError('mute takes --for with a time, such as --for 2h, or --off.');
  }
  if (time !== undefined && why === undefined) {
    throw new UsageError(
      "mute takes --why with --for, such as --why 'Mobaro moves to another host': whoever is on call next has to know.",
    );
  }
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
/** CloudWatch takes 15 days, from the minute that has begun. */
const maxMs = 14 * 86_400_000;

/** Pure. @throws InvalidArgumentError */
export function muteTimeOf(typed: string): MuteTime {
  const [, number = '', unit = ''] = /^(\d{1,5})(m|min|h|d)$/.exec(typed) ?? [];
  const ms = Number(number) * (unitMs[unit] ?? 0);
  if (ms > 0 && ms <= maxMs) return { typed, ms };
  throw new InvalidArgumentError('It takes a time such as 30m, 2h or 1d, up to 14d.');
}

/** @throws UsageError where there are none */
async function mutedAlarms(deployment: Deployment, connection: string): Promise<readonly string[]> {
  const { stack } = deployment;
  const alarms = pageAlarmsOf(stack, connection, await deployment.alarmNames());
  if (alarms.length > 0) return alarms;
  throw new UsageError(
    `--stack: ${stack} has no alarm of ${connection} that pages; it may have been deployed by another version.`,
  );
}
