import type { Connector, StreamDefinition } from '../connectors/connector.ts';
import { formatStreamName } from '../connectors/stream-name.ts';
import type { Stream } from '../sync/settings.ts';
import type { StreamTrouble } from '../sync/troubles.ts';
import type { AlarmKind } from './alarm-kinds.ts';
import type { AlarmCommand, AlarmLine, AlarmText } from './alarm-text.ts';
import { logGroupNameOf } from './log-groups.ts';

/** The texts of all alarms. The advice is the vendor's own where it gives any. */

type WatchdogAlarm = 'watchdogErrors' | 'silent';
type ChangeLogAlarm = 'changesErrors' | 'changesLate' | 'changesBehind';
type ConnectionAlarm = Exclude<
  AlarmKind,
  StreamTrouble | WatchdogAlarm | ChangeLogAlarm | 'eventsErrors' | 'tellerErrors' | 'schemaMisfits'
>;
type Texts<Kind extends AlarmKind> = Readonly<Record<Kind, AlarmText>>;

/** What is true of any API, where a vendor advises nothing of its own. */
const anyVendor = {
  unauthorized:
    'Check that the key is valid, has not been rotated or restricted, and belongs to this environment.',
  missing: 'Check that the resource still exists at the vendor and is available to this account.',
  exhausted: "Look at the vendor's status page; if it lasts, spread the schedules or ask the vendor.",
  throttled: 'Choose slower schedules, or ask the vendor for a higher limit.',
};

export function adviceFor({ advice }: Connector): typeof anyVendor {
  return { ...anyVendor, ...advice?.alarms };
}

/** What is told of a connection: its name, and its vendor. */
export interface ToldConnection {
  readonly name: string;
  readonly connector: Connector;
}

/** @param stack its name: what `--stack` takes */
export function textsOfStream(
  stack: string,
  {
    name: stream,
    connection,
    connector,
    definition,
    freshnessMs,
    pageAfterMs,
  }: Pick<Stream, 'name' | 'connection' | 'connector' | 'definition' | 'freshnessMs' | 'pageAfterMs'>,
): Texts<StreamTrouble> {
  const { title } = connector;
  const advice = adviceFor(connector);
  const pagekeeper = (command: string): AlarmCommand => ({
    ...{ kind: 'pagekeeper', stack },
    args: `${command} ${stream}`,
  });
  const status: AlarmCommand = { kind: 'pagekeeper', args: 'status', stack };
  return textsOf({
    missing: [
      `${title} says that what ${stream} reads does not exist (404). Its records are kept but no longer updated; other streams go on.`,
      advice.missing,
      ...ofParents(connection, definition),
      { says: 'Then:', command: pagekeeper('resume') },
    ],
    halted: [
      `${stream} was stopped because only a person can fix it: 403, another 4xx, or rows that cannot be stored. Its records are no longer updated; other streams go on.`,
      { says: 'The reason is shown by:', command: status },
      `For 403 give ${title}'s user the permission to read it; for another 4xx fix the stream's settings or definition.`,
      { says: 'Then:', command: pagekeeper('resume') },
    ],
    exhausted: [
      `${title} could not answer a page of ${stream} in as many attempts as are allowed (429, 5xx, time-outs, answers that are unreadable or too long), or its function met an error each time. The run stays open at its page. One page of all that share this limit asks again, after pauses of 30 seconds to 5 minutes, and goes on with the others when it is answered; until then the records are not updated. If it lasts, the alarm stale pages.`,
      { says: 'The reason is shown by:', command: status },
      advice.exhausted,
      {
        says: 'The alarm ends by itself with the next page that succeeds. To try at once:',
        command: pagekeeper('run'),
      },
    ],
    stale: [
      `No sync of ${stream} has gone through to its end and written its rows for more than ${durationInWords(freshnessMs / 60_000)}, or its pages have failed for ${durationInWords(pageAfterMs / 60_000)}. Its records grow old; nothing is lost.`,
      `Most likely it waits for a limit of ${title}'s, takes longer than its target, its rows move too fast, or its ticks or functions fail: look for tickets of the same connection. Or the key may not see a category of fields any more, and nothing is written, so that what is stored of it is kept.`,
      { says: 'What it is doing, and why, is shown by:', command: status },
      { says: 'To end a wait:', command: pagekeeper('resume') },
      'If it always takes so long: a longer schedule, larger pages, or another freshnessMinutes. The alarm ends with the next complete run.',
    ],
    held: [
      `${stream} waits for a decision. ${title} no longer gives so many records that a permission, a filter or a fault may hide them. Or its runs went in circles or over budget, had not all rows for two days, or were twice refused the rest of the list. No record has been deleted.`,
      { says: 'Which it is:', command: status },
      'Hidden: give the access back; the next complete sync ends the alarm.',
      { says: 'Really gone:', command: pagekeeper('allow-deletions') },
      { says: 'In circles or over budget:', command: pagekeeper('resume') },
      {
        says: 'Not all rows: fix what the reason names. Its last runs:',
        command: pagekeeper('explain'),
      },
    ],
  });
}

/** Who knows none of many parents may have been given old ones. */
function ofParents(connection: string, { parents }: StreamDefinition): readonly string[] {
  if (parents === undefined) return [];
  const asked = 'It is asked for one parent after the other, and too many in a row were unknown.';
  return [
    'stream' in parents
      ? `${asked} If ${formatStreamName({ connection, stream: parents.stream })} is late or held, fix that first: resumed, it begins anew with the parents that are stored then.`
      : `${asked} Look at the ids in its settings (${parents.param}).`,
  ];
}

function durationInWords(minutes: number): string {
  if (minutes < 120) return `${String(Math.round(minutes))} minutes`;
  const hours = minutes / 60;
  return hours < 48 ? `${String(Math.round(hours))} hours` : `${String(Math.round(hours / 24))} days`;
}

/** What AWS calls the queues of a connection: for dead letters, and for ticks that did not arrive. */
export interface ConnectionQueues {
  readonly deadLettersArn: string;
  readonly missedTicksUrl: string;
}

export function textsOfConnection(
  stack: string,
  { name: connection, connector }: ToldConnection,
  { deadLettersArn, missedTicksUrl }: ConnectionQueues,
): Texts<ConnectionAlarm> {
  const { title } = connector;
  const advice = adviceFor(connector);
  const putSecret: AlarmCommand = { kind: 'secret', connection, stack };
  return textsOf({
    unauthorized: [
      `${title} refused the credentials of ${connection} (401). No stream of it is called any more, so its records grow stale; nothing is lost.`,
      advice.unauthorized,
      { says: 'Put the new ones in place:', command: putSecret },
      {
        says: 'The sync then goes on by itself within 5 minutes. If the credentials were right all along:',
        command: { kind: 'pagekeeper', args: `resume ${connection}`, stack },
      },
    ],
    unconfigured: [
      `The secret of ${connection} has not been filled in. ${title} is not called, and no stream of it has records or gets newer ones.`,
      {
        says: 'If that is intended for now, nothing has to be done. Else put the credentials in place:',
        command: putSecret,
      },
      'Each stream starts with its next tick, and the first of them ends this alarm.',
    ],
    throttled: [
      `For two of the last three hours ${title} has told ${connection} to come later (429, 503) more often than it has answered. Pages are tried again and none is lost, but syncs are slow; if one gives up, it has an alarm of its own.`,
      advice.throttled,
      {
        says: 'What waits for how long is shown by:',
        command: { kind: 'pagekeeper', args: 'status', stack },
      },
      'The alarm ends once most requests are answered again for an hour or two.',
    ],
    deadLetters: [
      `A message for a page of ${connection} could not be handled, again and again. The watchdog revives its run, so no page is lost, but something is wrong with the function or the message.`,
      'Read the log for the cause and fix it.',
      {
        says: 'Then send the messages back:',
        command: other(`aws sqs start-message-move-task --source-arn ${deadLettersArn}`),
      },
      'That is safe: one that is out of date does nothing.',
    ],
    missedTicks: [
      `EventBridge Scheduler could not invoke the function of ${connection}. Its ticks are late; the watchdog starts a sync whose tick is missing, so its records are stale for a while only.`,
      "Look whether Lambda throttles (concurrency of the account) or whether somebody changed the schedule's role.",
      {
        says: 'Then remove the old ticks:',
        command: other(`aws sqs purge-queue --queue-url ${missedTicksUrl}`),
      },
    ],
    functionErrors: [
      `A function of ${connection} crashed, or ran out of time or of memory. What the vendor answers never counts here, nor an error that a page could be ended with. The page is tried again and no record is lost; if it lasts, an alarm of the stream says so.`,
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
): Texts<WatchdogAlarm> {
  const logGroup = logGroupNameOf(stack, null, 'watchdog');
  return textsOf({
    watchdogErrors: [
      'The watchdog crashed or ran out of time. Syncs go on, but for as long as it lasts stranded runs are not revived, new credentials are not noticed, and the other alarms keep the state they had.',
      { says: 'See why:', command: errorsIn(logGroup) },
      'If it says AccessDenied, deploy again; if an item is damaged, fix it as the message says. Otherwise it is a bug.',
    ],
    silent: [
      `The watchdog of ${stack} has not run for 15 minutes. Syncs go on by their ticks and messages, but stranded runs are not revived, new credentials are not noticed, and every other alarm keeps the state it had: do not trust an OK.`,
      {
        says: 'Look whether its schedule is switched on, whether Lambda throttles (concurrency of the account), and why ticks were missed:',
        command: other(
          `aws sqs receive-message --queue-url ${missedTicksUrl} --message-attribute-names All --visibility-timeout 0`,
        ),
      },
      { says: 'What it said last:', command: other(`aws logs tail ${logGroup} --since 3h`) },
      { says: 'If somebody changed a role or a schedule:', command: other('npx cdk deploy') },
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
      'If it says AccessDenied, somebody changed a role, a topic or a key: deploy again, or give the access back. Otherwise it is a bug.',
    ],
  });
}

export function textsOfSchema(stack: string): Texts<'schemaMisfits'> {
  return textsOf({
    schemaMisfits: [
      `A field of a stream of ${stack} has values of another type than before. Syncs go on, and every record is stored as it came. A table that was made of export or schema before may refuse them: its readers have to change a column.`,
      { says: 'Which field, and since when:', command: { kind: 'pagekeeper', args: 'status', stack } },
      'The alarm ends by itself within half an hour; status names the field for seven days.',
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
