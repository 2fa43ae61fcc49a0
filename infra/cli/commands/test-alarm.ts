import {
  DescribeAlarmsCommand,
  SetAlarmStateCommand,
  type MetricAlarm,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import type { Command } from 'commander';

import { testWord } from '../../../lib/on-call/tell-alarm.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { mayGoOn, printDone, printJson, type Cli } from './cli-context.ts';
import type { Deployment } from '../store/deployment.ts';
import {
  alarmsOfProject,
  defaultAlarm,
  noSuchAlarm,
  testNotification,
  type Sender,
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

CloudWatch itself sets the alarm off, so that the whole way is tried. One of the watchdog goes to the topics of people and
pagers by itself; of the others the function tell-on-call writes to people. It goes back by itself within minutes; the one of
queues (undelivered) would not, and is set back at once. On this machine nothing is sent: it prints what people would be sent,
whole.`,
    )
    .action(async (options: Options) => {
      const { place, isDeployment, use } = chooseStore(options, cli.variables);
      const question = `Set off an alarm of ${place} as a test? It reaches the person on call.`;
      if (isDeployment && !(await mayGoOn('test-alarm', question, options, cli))) return;
      const now = new Date().toISOString();
      const reason = `${testWord}, nothing is wrong: sent by npx pagekeeper test-alarm at ${now}.`;
      if (!isDeployment) {
        const alarms = await alarmsOfProject(cli.signal);
        const notification = testNotification(alarms, options.alarm, reason, Date.parse(now));
        return printHere(notification, options.json === true, cli);
      }
      await use(async ({ deployment }) => {
        if (deployment === null) return;
        const { name, sender, isSetBack } = await setOff(deployment, options.alarm, reason);
        const { stack } = deployment;
        const end = isSetBack
          ? 'It has been set back to OK at once, because SQS does not measure an idle queue.'
          : 'It goes back by itself within minutes.';
        const sentence = `"${name}" has been set off, as a test. ${ways[sender]} If nothing arrives, look at npx pagekeeper check --stack ${stack}: a subscription may have to be confirmed. ${end}`;
        await printDone([{ target: name, changed: true, sentence }], options.json === true, cli);
      });
    });
}

/** What was tried, in words. */
const ways: Readonly<Record<Sender, string>> = {
  CloudWatch: 'CloudWatch itself sends it to people and to pagers, and no function has to work for it.',
  'tell-on-call': 'The function tell-on-call sends it to people, and CloudWatch itself to pagers.',
};

const who: Readonly<Record<Sender, string>> = {
  CloudWatch: 'CloudWatch',
  'tell-on-call': 'the function tell-on-call',
};

async function printHere(
  { alarm, severity, sender, subject, message }: TestNotification,
  asJson: boolean,
  cli: Cli,
): Promise<void> {
  const sentence = `On this machine nothing is sent. In a deployment ${who[sender]} would send this to people, by the topic for ${severity}s.`;
  if (asJson) {
    const result = { target: alarm, changed: false, refused: false, sentence };
    return printJson(cli.out, { results: [result], notification: { severity, sender, subject, message } });
  }
  const text = typeof message === 'string' ? message : JSON.stringify(message, null, 2);
  await writeAll(cli.out, `${sentence}\n\n${subject}\n\n${text}\n`);
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
): Promise<{ readonly name: string; readonly sender: Sender; readonly isSetBack: boolean }> {
  const names = await deployment.alarmNames();
  const name = wanted ?? defaultAlarm(deployment.stack);
  if (!names.includes(name)) throw noSuchAlarm(deployment.stack, names);
  const { MetricAlarms: [alarm] = [] } = await deployment.cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [name] }),
  );
  if (alarm?.StateValue === 'ALARM') {
    throw new UsageError(
      `"${name}" is in ALARM for real, and cannot be set off once more; name another one with --alarm.`,
    );
  }
  const set = async (StateValue: StateValue): Promise<void> => {
    const command = new SetAlarmStateCommand({ AlarmName: name, StateValue, StateReason: reason });
    await deployment.cloudWatch.send(command);
  };
  await set('ALARM');
  const isSetBack = isOfQueue(alarm);
  if (isSetBack) await set('OK');
  const isByFunction = alarm?.AlarmActions?.some((arn) => arn.split(':')[2] === 'lambda') ?? false;
  return { name, sender: isByFunction ? 'tell-on-call' : 'CloudWatch', isSetBack };
}

/** What it looks at is one metric, or several in an expression. */
function isOfQueue({ Namespace, Metrics = [] }: MetricAlarm = {}): boolean {
  const namespaces = [Namespace, ...Metrics.map(({ MetricStat }) => MetricStat?.Metric?.Namespace)];
  return namespaces.includes('AWS/SQS');
}
