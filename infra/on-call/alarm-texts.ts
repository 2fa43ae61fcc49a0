import type { Connector, StreamDefinition } from '../../lib/connectors/connector.ts';
import { formatStreamName, type StreamName } from '../../lib/connectors/stream-name.ts';
import { runbookSection, type AlarmKind } from './alarm-kinds.ts';

/**
 * What on-call reads: what is wrong, what it means for the data, what to do, the command, and the section of the runbook. The
 * advice is the vendor's own where it gives any.
 */

/** CloudWatch refuses longer ones. */
export const longestDescription = 1024;

/** What is true of any API, where a vendor advises nothing of its own. */
const anyVendor = {
  unauthorized:
    'Check that the key is valid, has not been rotated or restricted, and belongs to this environment.',
  missing: 'Check that the resource still exists at the vendor and is available to this account.',
  exhausted: "Look at the vendor's status page; if it lasts, spread the schedules or ask the vendor.",
  throttled: 'Choose slower schedules, or ask the vendor for a higher limit.',
};

function adviceFor({ advice }: Connector): typeof anyVendor {
  return { ...anyVendor, ...advice?.alarms };
}

interface ConnectionContext {
  /** The stack's name: what `--stack` takes. */
  readonly deployment: string;
  readonly connector: Connector;
  readonly connection: string;
}

interface StreamContext {
  readonly deployment: string;
  readonly connector: Connector;
  readonly name: StreamName;
  /** What the stream is in the vendor's own list, whatever the user calls it. */
  readonly definition: StreamDefinition;
}

export function unauthorizedText(context: ConnectionContext): string {
  const { deployment, connector, connection } = context;
  return describe('unauthorized', [
    `${connector.title} refused the credentials of ${connection} (401). No stream of it is called any more, so its records grow stale; nothing is lost.`,
    adviceFor(connector).unauthorized,
    `Put the new ones in place: ${putSecret(context)}`,
    `The sync then goes on by itself within 5 minutes. If the credentials were right all along: npx pagekeeper resume ${connection} --stack ${deployment}`,
  ]);
}

export function unconfiguredText(context: ConnectionContext): string {
  const { connector, connection } = context;
  return describe('unconfigured', [
    `The secret of ${connection} has not been filled in. ${connector.title} is not called, and no stream of it has records or gets newer ones.`,
    `If that is intended for now, nothing has to be done. Else put the credentials in place: ${putSecret(context)}`,
    `Each stream starts with its next tick, and the first of them ends this alarm.`,
  ]);
}

function putSecret({ connection, deployment }: ConnectionContext): string {
  return `npx pagekeeper secret set ${connection} --stack ${deployment}`;
}

export function throttledText({ deployment, connector, connection }: ConnectionContext): string {
  return describe('throttled', [
    `For two of the last three hours ${connector.title} has told ${connection} to come later (429, 503) more often than it has answered. Pages are tried again and none is lost, but syncs are slow; if one gives up, it has an alarm of its own.`,
    adviceFor(connector).throttled,
    `What waits for how long is shown by: npx pagekeeper status --stack ${deployment}`,
    `The alarm ends once most requests are answered again for an hour or two.`,
  ]);
}

export function missingText({ deployment, connector, name, definition }: StreamContext): string {
  const stream = formatStreamName(name);
  return describe('missing', [
    `${connector.title} says that what ${stream} reads does not exist (404). Its records are kept but no longer updated; other streams go on.`,
    adviceFor(connector).missing,
    ...ofParents(name, definition),
    `Then: npx pagekeeper resume ${stream} --stack ${deployment}`,
  ]);
}

/** Who knows none of many parents may have been given old ones. */
function ofParents({ connection }: StreamName, { parents }: StreamDefinition): readonly string[] {
  if (parents === undefined) return [];
  const asked = 'It is asked for one parent after the other, and too many in a row were unknown.';
  return [
    'stream' in parents
      ? `${asked} If ${formatStreamName({ connection, stream: parents.stream })} is late or held, mend that first: resumed, it begins anew with the parents that are stored then.`
      : `${asked} Look at the ids in its settings (${parents.param}).`,
  ];
}

export function haltedText({ deployment, connector, name }: StreamContext): string {
  const stream = formatStreamName(name);
  return describe('halted', [
    `${stream} was stopped because only a person can mend it: 403, another 4xx, or rows that cannot be stored. Its records are no longer updated; other streams go on.`,
    `The reason is shown by: npx pagekeeper status --stack ${deployment}`,
    `For 403 give ${connector.title}'s user the permission to read it; for another 4xx mend the stream's settings or definition.`,
    `Then: npx pagekeeper resume ${stream} --stack ${deployment}`,
  ]);
}

export function exhaustedText({ deployment, connector, name }: StreamContext): string {
  const stream = formatStreamName(name);
  return describe('exhausted', [
    `${connector.title} could not answer a page of ${stream} in as many attempts as are allowed (429, 5xx, time-outs, answers that are unreadable or too long), or its function met an error each time. The run stays open at its page and the next tick tries it again; until then its records are stale.`,
    `The reason is shown by: npx pagekeeper status --stack ${deployment}`,
    adviceFor(connector).exhausted,
    `The alarm ends by itself with the next page that succeeds. To try at once: npx pagekeeper run ${stream} --stack ${deployment}`,
  ]);
}

export function staleText(context: StreamContext & { freshnessMinutes: number }): string {
  const { deployment, connector, name } = context;
  const stream = formatStreamName(name);
  return describe('stale', [
    `No sync of ${stream} has gone through to its end and written its rows for more than ${durationInWords(context.freshnessMinutes)}, and nothing else says why. Its records are older than that; nothing is lost.`,
    `Most likely it waits for a limit of ${connector.title}'s, takes longer than its target, its rows move too fast, or its ticks or functions fail: look for tickets of the same connection. Or the key may not see a category of fields any more, and nothing is written, so that what is stored of it is kept.`,
    `What it is doing, and why, is shown by: npx pagekeeper status --stack ${deployment}`,
    `To end a wait: npx pagekeeper resume ${stream} --stack ${deployment}`,
    `If it always takes so long: a longer schedule, larger pages, or another freshnessMinutes. The alarm ends with the next complete run.`,
  ]);
}

function durationInWords(minutes: number): string {
  if (minutes < 120) return `${String(Math.round(minutes))} minutes`;
  const hours = minutes / 60;
  return hours < 48 ? `${String(Math.round(hours))} hours` : `${String(Math.round(hours / 24))} days`;
}

export function heldText({ deployment, connector, name }: StreamContext): string {
  const stream = formatStreamName(name);
  return describe('held', [
    `${stream} waits for a decision. What has been deleted is held back: ${connector.title} no longer gives so many records that a permission, a filter or a fault may hide them. Or its runs go in circles, over their budget, for two days have not given all rows, or twice were refused the rest of the list. No record has been deleted; this can wait for the morning.`,
    `Which it is, is shown by: npx pagekeeper status --stack ${deployment}`,
    `Hidden records: give the access back, and the alarm ends with the next complete sync (after a new key with the one after it).`,
    `Really gone: npx pagekeeper allow-deletions ${stream} --stack ${deployment}`,
    `In circles or over its budget: npx pagekeeper resume ${stream} --stack ${deployment}`,
    `Not all rows: mend what the reason names, mostly a permission. Its last runs: npx pagekeeper explain ${stream} --stack ${deployment}`,
  ]);
}

export function deadLettersText(context: { connection: string; deadLetterQueueArn: string }): string {
  return describe('deadLetters', [
    `A message for a page of ${context.connection} could not be handled, again and again. The watchdog revives its run, so no page is lost, but something is wrong with the function or the message.`,
    `Read the log for the cause and mend it.`,
    `Then send the messages back: aws sqs start-message-move-task --source-arn ${context.deadLetterQueueArn}`,
    `That is safe: one that is out of date does nothing.`,
  ]);
}

export function missedTicksText(context: { connection: string; queueUrl: string }): string {
  return describe('missedTicks', [
    `EventBridge Scheduler could not invoke the function of ${context.connection}. Its ticks are late; the watchdog starts a sync whose tick is missing, so its records are stale for a while only.`,
    `Look whether Lambda throttles (concurrency of the account) or whether somebody changed the schedule's role.`,
    `Then remove the old ticks: aws sqs purge-queue --queue-url ${context.queueUrl}`,
  ]);
}

export function functionErrorsText(context: { connection: string; logGroups: readonly string[] }): string {
  const [first = '', ...others] = context.logGroups;
  return describe('functionErrors', [
    `A function of ${context.connection} crashed, ran out of time or of memory, or Lambda could not start it for want of concurrency. What the vendor answers never counts here, nor an error that a page could be ended with. The page is tried again and no record is lost; if it lasts, an alarm of the stream says so.`,
    `See why: aws logs tail ${first} --since 1h --filter-pattern ERROR`,
    ...others.map((group) => `The same for ${group}.`),
    `Out of time or of memory: ask for smaller pages (pageSize) or set a longer timeoutSeconds. Otherwise it is a bug.`,
  ]);
}

export function watchdogErrorsText(context: { logGroup: string }): string {
  return describe('watchdogErrors', [
    `The watchdog crashed, ran out of time or was not started. Syncs go on, but for as long as it lasts stranded runs are not revived, new credentials are not noticed, and the other alarms keep the state they had.`,
    `See why: aws logs tail ${context.logGroup} --since 1h --filter-pattern ERROR`,
    `If it says AccessDenied, deploy again; if an item is damaged, mend it as the message says. Otherwise it is a bug.`,
  ]);
}

export function watchdogSilentText(context: {
  deployment: string;
  logGroup: string;
  queueUrl: string;
}): string {
  return describe('silent', [
    `The watchdog of ${context.deployment} has not run for 15 minutes. Syncs go on by their ticks and messages, but stranded runs are not revived, new credentials are not noticed, and every other alarm keeps the state it had: do not trust an OK.`,
    `Look whether its schedule is switched on, whether Lambda throttles (concurrency of the account), and why ticks were missed: aws sqs receive-message --queue-url ${context.queueUrl} --message-attribute-names All --visibility-timeout 0`,
    `What it said last: aws logs tail ${context.logGroup} --since 3h`,
    `If somebody changed a role or a schedule: npx cdk deploy`,
  ]);
}

function describe(kind: AlarmKind, sentences: readonly string[]): string {
  const where = sentences.some((sentence) => sentence.includes(': npx '))
    ? ["Type commands in Pagekeeper's project folder."]
    : [];
  return [...sentences, ...where, `Runbook: docs/runbook.md#${runbookSection(kind)}`].join('\n');
}
