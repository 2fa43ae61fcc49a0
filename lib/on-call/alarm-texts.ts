import type { Connector, StreamDefinition } from '../connectors/connector.ts';
import { formatStreamName } from '../connectors/stream-name.ts';
import type { AlarmKind, TroubleAlarm } from './alarm-kinds.ts';
import type { AlarmCommand, AlarmLine, AlarmText } from './alarm-text.ts';
import { logGroupNameOf } from './log-groups.ts';

/** The texts of all alarms. The advice is the vendor's own where it gives any. */

type ChangeLogAlarm = 'changesErrors' | 'changesLate' | 'changesBehind';
type ConnectionAlarm = TroubleAlarm | 'undelivered' | 'functionErrors';
type Texts<Kind extends AlarmKind> = Readonly<Record<Kind, AlarmText>>;

/** What is true of any API, where a vendor advises nothing of its own. */
const anyVendor = {
  unauthorized:
    'Check that the key is valid, has not been rotated or restricted, and belongs to this environment.',
  missing: 'Check that the resource still exists at the vendor and is available to this account.',
  exhausted: "Look at the vendor's status page; if it lasts, ask the vendor.",
  throttled: 'Spread the schedules, choose slower ones, or ask the vendor for a higher limit.',
};

export function adviceFor({ advice }: Connector): typeof anyVendor {
  return { ...anyVendor, ...advice?.alarms };
}

/** What is told of a connection: its name, and its vendor. */
export interface NamedConnection {
  readonly name: string;
  readonly connector: Connector;
}

/** Who knows none of many parents may have been given old ones. */
export function adviceOfParents(connection: string, { parents }: StreamDefinition): readonly string[] {
  if (parents === undefined) return [];
  const asked = 'It is asked for one parent after the other, and too many in a row were unknown.';
  return [
    'stream' in parents
      ? `${asked} If ${formatStreamName({ connection, stream: parents.stream })} is late or held, fix that first: resumed, it begins anew with the parents that are stored then.`
      : `${asked} Look at the ids in its settings (${parents.param}).`,
  ];
}

/** What AWS calls the queues of a connection: for dead letters, and for ticks that did not arrive. */
export interface ConnectionQueues {
  readonly deadLettersArn: string;
  readonly missedTicksUrl: string;
}

/** @param stack its name: what `--stack` takes */
export function textsOfConnection(
  stack: string,
  { name: connection, connector }: NamedConnection,
  { deadLettersArn, missedTicksUrl }: ConnectionQueues,
): Texts<ConnectionAlarm> {
  const { title } = connector;
  const advice = adviceFor(connector);
  const putSecret: AlarmCommand = { kind: 'secret', connection, stack };
  const pagekeeper = (args: string): AlarmCommand => ({ kind: 'pagekeeper', args, stack });
  const which: AlarmLine = { says: 'Which streams, since when and why:', command: pagekeeper('status') };
  const fix: AlarmLine = { says: 'Then:', command: pagekeeper(`fix ${connection}`) };
  const ends =
    'The alarm ends when each of them has had a good answer again, or is taken out of the settings.';
  return textsOf({
    unauthorized: [
      `${title} refused the credentials of ${connection} (401). No stream of it is called any more, so its records grow stale; nothing is lost.`,
      advice.unauthorized,
      {
        says: 'To put new ones in place, or to try the same again:',
        command: pagekeeper(`fix ${connection}`),
      },
      'One page tries them; the other streams follow within 5 minutes.',
    ],
    missing: [
      `${title} says that what a stream of ${connection} reads does not exist (404). It is not called any more; its records are kept but no longer updated.`,
      which,
      `One stream: ${advice.missing} All of them: check the address (baseUrl).`,
      fix,
      ends,
    ],
    halted: [
      `A stream of ${connection} was stopped because only a person can fix it: 403, another 4xx, rows that cannot be stored, or a damaged checkpoint. Its records are no longer updated.`,
      which,
      `For 403 give ${title}'s user the permission to read it; for another 4xx fix the stream's settings or definition.`,
      fix,
      ends,
    ],
    stale: [
      `A stream of ${connection} has not been synced to its end for longer than its target, or its pages fail for long. Its records grow old; nothing is lost.`,
      which,
      `Most likely ${title} is down, or it waits for a limit, takes longer than its target, its rows move too fast, or its ticks or functions fail: look for tickets of the same connection. Or the key may not see a category of fields any more, and nothing is written, so that what is stored of it is kept.`,
      { says: 'To try at once:', command: pagekeeper(`fix ${connection}`) },
      'If it always takes so long: a longer schedule, larger pages, or another freshnessMinutes.',
    ],
    failing: [
      `Pages of ${connection} have failed in as many attempts as are allowed (429, 5xx, time-outs, answers that are unreadable or too long), or for two of the last three hours ${title} has said "later" (429, 503) more often than it has answered. Pages are tried again by themselves and none is lost. If it lasts, the alarm stale pages.`,
      which,
      `Failing: ${advice.exhausted} Told "later": ${advice.throttled}`,
      { says: 'To try at once:', command: pagekeeper(`fix ${connection}`) },
    ],
    attention: [
      `Something of ${connection} waits for a person, without harm. Its secret has not been filled in; or ${title} no longer gives so many records of a stream that a permission, a filter or a fault may hide them; or its runs went in circles or over budget, or never had all rows. No record has been deleted.`,
      { says: 'Which it is:', command: pagekeeper('status') },
      { says: 'The secret:', command: putSecret },
      { says: 'Records really gone:', command: pagekeeper('allow-deletions STREAM') },
      { says: 'In circles or over budget:', command: pagekeeper('resume STREAM') },
    ],
    undelivered: [
      `A message for a page of ${connection} could not be handled, again and again, or EventBridge Scheduler could not invoke its function for a tick. The watchdog makes up for both, so no page is lost.`,
      {
        says: 'A dead letter: read the log for the cause and fix it. Then send the messages back, which is safe:',
        command: {
          ...{ kind: 'redrive', connection },
          line: `aws sqs start-message-move-task --source-arn ${deadLettersArn}`,
        },
      },
      {
        says: 'A missed tick: look whether Lambda throttles (concurrency of the account) or a role was changed. Then remove the old ticks:',
        command: other(`aws sqs purge-queue --queue-url ${missedTicksUrl}`),
      },
    ],
    functionErrors: [
      `A function of ${connection} crashed, or ran out of time or of memory. What the vendor answers never counts here, nor an error that a page could be ended with. The page is tried again and no record is lost; if it lasts, an alarm of the connection says so.`,
      {
        says: 'See why:',
        command: errorsIn(logGroupNameOf(stack, connection, 'scheduled-sync')),
      },
      `The same for ${logGroupNameOf(stack, connection, 'queued-sync')}.`,
      'Out of time or of memory: ask for smaller pages (pageSize) or set a longer timeoutSeconds. Otherwise it is a bug.',
    ],
  });
}

export function textsOfWatchdog(
  stack: string,
  { missedTicksUrl }: Pick<ConnectionQueues, 'missedTicksUrl'>,
): Texts<'silent'> {
  const logGroup = logGroupNameOf(stack, null, 'watchdog');
  return textsOf({
    silent: [
      `The watchdog of ${stack} has not completed a round for 15 minutes without an error. Syncs go on by themselves. What its errors name is not looked after. If it says nothing, no stranded run is revived, no new key is noticed, and other alarms keep their state: do not trust an OK.`,
      { says: 'What it said last:', command: other(`aws logs tail ${logGroup} --since 3h`) },
      'If it says AccessDenied, or somebody changed a role or a schedule, deploy again.',
      {
        says: 'If it says nothing, look whether its schedule is switched on, whether Lambda throttles (concurrency of the account), and why ticks were missed:',
        command: other(
          `aws sqs receive-message --queue-url ${missedTicksUrl} --message-attribute-names All --visibility-timeout 0`,
        ),
      },
    ],
  });
}

export function textsOfChangeLog(stack: string): Texts<ChangeLogAlarm> {
  const see = { says: 'See why:', command: errorsIn(logGroupNameOf(stack, null, 'publish-changes')) };
  const why: Written = [
    see,
    'If it says AccessDenied, somebody changed a role, the bucket or a key: deploy again, or give the access back. It then catches up by itself.',
  ];
  return textsOf({
    changesErrors: [
      `A function of the change log of ${stack} crashed or ran out of time. Its batch or its part of a snapshot is tried again, and no change is lost; if it lasts, other alarms say so.`,
      see,
      `The same for ${logGroupNameOf(stack, null, 'take-snapshots')}.`,
      'If it says AccessDenied, somebody changed a role, the bucket or a key: deploy again, or give the access back. Otherwise it is a bug.',
    ],
    changesLate: [
      `The change log of ${stack} is more than an hour behind the records table. Syncs go on and no record is lost; readers of the log wait.`,
      ...why,
    ],
    changesBehind: [
      `The change log of ${stack} is more than 12 hours behind the records table, whose stream keeps its writes for 24 hours. Syncs go on and no record is lost, but what is not published by then is missing in the log.`,
      ...why,
    ],
  });
}

export function textsOfEvents(stack: string): Texts<'eventsErrors'> {
  return textsOf({
    eventsErrors: [
      `The function that tells EventBridge of runs and states of ${stack} crashed or ran out of time. Syncs go on and no record is lost. It tries again for six hours; events that are older than that are lost, and who acts on them has to look for himself.`,
      { says: 'See why:', command: errorsIn(logGroupNameOf(stack, null, 'publish-events')) },
      'If it says AccessDenied, somebody changed a role or a key: deploy again, or give the access back. Otherwise it is a bug.',
    ],
  });
}

export function textsOfTeller(stack: string): Texts<'tellerErrors'> {
  return textsOf({
    tellerErrors: [
      `The function that tells people of incidents of ${stack} failed, was throttled, or gave a message up. Syncs go on. Until it works again look at the alarms themselves: what they say may not have been sent.`,
      { says: 'See why:', command: errorsIn(logGroupNameOf(stack, null, 'tell-on-call')) },
      { says: 'What stands still now:', command: { kind: 'pagekeeper', args: 'status', stack } },
      'If it says AccessDenied, somebody changed a role, a topic or a key: deploy again, or give the access back. Otherwise it is a bug. The alarm ends after five minutes without an error; no message says so.',
    ],
  });
}

function other(line: string): AlarmCommand {
  return { kind: 'other', line };
}

function errorsIn(logGroup: string): AlarmCommand {
  return other(`aws logs tail ${logGroup} --since 1h --filter-pattern ERROR`);
}

type Written = readonly (string | AlarmLine)[];

/** A line without a command is written as its sentences alone. */
function textsOf<Kind extends AlarmKind>(written: Readonly<Record<Kind, Written>>): Texts<Kind> {
  const texts = (Object.entries(written) as [Kind, Written][]).map(([kind, lines]): [Kind, AlarmText] => [
    kind,
    { kind, lines: lines.map((line) => (typeof line === 'string' ? { says: line } : line)) },
  ]);
  return Object.fromEntries(texts) as Texts<Kind>;
}
