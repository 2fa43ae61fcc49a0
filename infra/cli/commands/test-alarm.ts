import { DescribeAlarmsCommand, SetAlarmStateCommand, type StateValue } from '@aws-sdk/client-cloudwatch';
import type { Command } from 'commander';

import { UsageError } from '../../terminal/usage-error.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { mayGoOn, printDone, printJson, type Cli } from './cli-context.ts';
import type { Deployment } from '../store/deployment.ts';
import {
  alarmsOfProject,
  noSuchAlarm,
  testNotification,
  type TestNotification,
} from './test-notification.ts';
import { writeAll } from '../../terminal/write-all.ts';

type Options = StoreOptions & { readonly yes?: true; readonly alarm?: string };

export function addTestAlarm(root: Command, cli: Cli): void {
  withStoreOptions(root.command('test-alarm'))
    .description('sends a real notification through, marked as a test')
    .option('--alarm <name>', 'of the alarm that is set off (default: one of the watchdog)')
    .option('-y, --yes', 'without asking first')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper test-alarm --stack Pagekeeper      asks first: it reaches the person on call
  npx pagekeeper test-alarm --alarm "Pagekeeper mobaro unauthorized" --yes --stack Pagekeeper
  npx pagekeeper check --stack Pagekeeper           says whether a subscription has yet to be confirmed

CloudWatch itself sets the alarm off, so that the whole way is tried: its topic, the topic's key, and who listens. It goes
back by itself within minutes; one of a queue (dead letters, missed ticks) would not, and is set back at once. On this
machine nothing is sent: it prints what would be sent, whole.`,
    )
    .action(async (options: Options) => {
      const { place, isDeployment, use } = chooseStore(options, cli.variables);
      const question = `Set off an alarm of ${place} as a test? It reaches the person on call.`;
      if (isDeployment && !(await mayGoOn('test-alarm', question, options, cli))) return;
      const now = new Date().toISOString();
      const reason = `TEST, nothing is wrong: sent by npx pagekeeper test-alarm at ${now}.`;
      if (!isDeployment) {
        const alarms = await alarmsOfProject(cli.signal);
        const notification = testNotification(alarms, options.alarm, reason, Date.parse(now));
        return printHere(notification, options.json === true, cli);
      }
      await use(async ({ deployment }) => {
        if (deployment === null) return;
        const { name, isSetBack } = await setOff(deployment, options.alarm, reason);
        const end = isSetBack
          ? 'It has been set back to OK at once, because SQS does not measure an idle queue.'
          : 'It goes back by itself within minutes.';
        const sentence = `"${name}" has been set off, as a test. If nothing arrives, look at npx pagekeeper check --stack ${deployment.stack}: a subscription may have to be confirmed. ${end}`;
        await printDone([{ target: name, changed: true, sentence }], options.json === true, cli);
      });
    });
}

async function printHere(
  { alarm, severity, subject, message }: TestNotification,
  asJson: boolean,
  cli: Cli,
): Promise<void> {
  const sentence = `On this machine nothing is sent. In a deployment this would be sent to the topic for ${severity}s.`;
  if (asJson) {
    const result = { target: alarm, changed: false, refused: false, sentence };
    return printJson(cli.out, { results: [result], notification: { severity, subject, message } });
  }
  const text = JSON.stringify(message, null, 2);
  await writeAll(cli.out, `${sentence}\n\n${subject ?? 'AWS Notification Message'}\n\n${text}\n`);
}

/**
 * An alarm goes back with its next figure, or without one, as it treats missing data. The exception is a queue's: SQS measures
 * none that nobody has touched for 6 hours, its alarm keeps its state meanwhile, and the next message would raise none.
 *
 * @throws UsageError
 */
async function setOff(
  deployment: Deployment,
  wanted: string | undefined,
  reason: string,
): Promise<{ readonly name: string; readonly isSetBack: boolean }> {
  const names = await deployment.alarmNames();
  const name = wanted ?? names.find((one) => one.includes('watchdog')) ?? names[0];
  if (name === undefined || !names.includes(name)) throw noSuchAlarm(deployment.stack, names);
  const { MetricAlarms = [] } = await deployment.cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [name] }),
  );
  if (MetricAlarms[0]?.StateValue === 'ALARM') {
    throw new UsageError(
      `"${name}" is in ALARM for real, and cannot be set off once more; name another one with --alarm.`,
    );
  }
  const set = async (StateValue: StateValue): Promise<void> => {
    const command = new SetAlarmStateCommand({ AlarmName: name, StateValue, StateReason: reason });
    await deployment.cloudWatch.send(command);
  };
  await set('ALARM');
  const isSetBack = MetricAlarms[0]?.Namespace === 'AWS/SQS';
  if (isSetBack) await set('OK');
  return { name, isSetBack };
}
