import type { Connector } from '../../lib/connectors/connector.ts';

/**
 * What on-call reads. Each kind of alarm has a section in docs/runbook.md under its heading; the advice is the vendors'
 * own ("Handling errors, rate limits and retry logic" of Mobaro, "Error handling" of Bob).
 */
export const alarmKinds = {
  unauthorized: 'Unauthorized',
  missing: 'Missing',
  halted: 'Halted',
  exhausted: 'Exhausted',
  held: 'Held',
  deadLetters: 'Dead letters',
  missedTicks: 'Missed ticks',
  functionErrors: 'Function errors',
  watchdogErrors: 'Watchdog errors',
} as const;

export type AlarmKind = keyof typeof alarmKinds;

/** The headings that docs/runbook.md must have. */
export const runbookHeadings: readonly string[] = Object.values(alarmKinds);

/** As Markdown makes a link out of a heading: `dead-letters`. */
export function runbookSection(kind: AlarmKind): string {
  return alarmKinds[kind].toLowerCase().replaceAll(' ', '-');
}

/** CloudWatch refuses longer ones. */
export const longestDescription = 1024;

/** What the vendors advise, by connector. Others get the advice that is true of any API. */
interface Advice {
  readonly unauthorized: string;
  readonly missing: string;
  readonly exhausted: string;
}

const anyVendor: Advice = {
  unauthorized:
    'Check that the key is valid, has not been rotated or restricted, and belongs to this environment.',
  missing: 'Check that the resource still exists at the vendor and is available to this account.',
  exhausted: "Look at the vendor's status page; if it lasts, spread the schedules or ask the vendor.",
};

const advices: Readonly<Record<string, Advice>> = {
  mobaro: {
    unauthorized:
      'Check that the key has not been rotated or restricted, that it is of this environment, and that the user who made it may read these resources.',
    missing: "Check the stream's path and the location access of the key's user; do not retry blindly.",
    exhausted:
      'After 503 wait until Mobaro is well again. After 429 spread the schedules: all API clients of the account share one limit.',
  },
  bob: {
    unauthorized:
      "Check the service user's id and token, and that they are of this environment (sandbox or production).",
    missing:
      'The resource is not available to your organization: some need a module such as Time and Attendance to be bought and activated.',
    exhausted: 'Retry later; if it lasts, contact HiBob support. After 429 spread the schedules.',
  },
};

function adviceFor(connector: Connector): Advice {
  return advices[connector.name] ?? anyVendor;
}

interface StreamContext {
  /** The stack's name: what `--stack` takes. */
  readonly deployment: string;
  readonly connector: Connector;
  /** `mobaro/users`. */
  readonly stream: string;
}

export function unauthorizedText(context: {
  deployment: string;
  connector: Connector;
  connection: string;
  secretName: string;
}): string {
  const { deployment, connector, connection, secretName } = context;
  return describe('unauthorized', [
    `${connector.title} refused the credentials of ${connection} (401). No stream of it is called any more, so its records grow stale; nothing is lost.`,
    adviceFor(connector).unauthorized,
    `Put the new ones in place: aws secretsmanager put-secret-value --secret-id ${secretName} --secret-string file://${connection}.json`,
    `The sync then goes on by itself within 5 minutes. If the credentials were right all along: npx pagekeeper resume ${connection} --stack ${deployment}`,
  ]);
}

export function missingText({ deployment, connector, stream }: StreamContext): string {
  return describe('missing', [
    `${connector.title} says that what ${stream} reads does not exist (404). Its records are kept but no longer updated; other streams go on.`,
    adviceFor(connector).missing,
    `Then: npx pagekeeper resume ${stream} --stack ${deployment}`,
  ]);
}

export function haltedText({ deployment, connector, stream }: StreamContext): string {
  return describe('halted', [
    `${stream} was stopped because only a person can mend it: 403, another 4xx, rows that cannot be stored, or a run in circles or over its budget. Its records are no longer updated; other streams go on.`,
    `The reason is shown by: npx pagekeeper status --stack ${deployment}`,
    `For 403 give ${connector.title}'s user the permission to read it; for another 4xx mend the stream's settings or definition.`,
    `Then: npx pagekeeper resume ${stream} --stack ${deployment}`,
  ]);
}

export function exhaustedText({ deployment, connector, stream }: StreamContext): string {
  return describe('exhausted', [
    `${connector.title} could not answer a page of ${stream} in as many attempts as are allowed (429, 5xx, time-outs or unreadable answers). The run stays open at its page and the next tick tries it again; until then its records are stale.`,
    adviceFor(connector).exhausted,
    `The alarm ends by itself with the next page that succeeds. To try at once: npx pagekeeper resume ${stream} --stack ${deployment}`,
  ]);
}

export function heldText({ deployment, connector, stream }: StreamContext): string {
  return describe('held', [
    `${connector.title} no longer gives so many records of ${stream} that a person has to look: they may have been deleted there, or a permission, a filter or a fault hides them. Nothing has been deleted here; new and changed records are stored as before, so this can wait for the morning.`,
    `How many of how many is shown by: npx pagekeeper status --stack ${deployment}`,
    `Look at ${connector.title} whether they are really gone. If they are hidden, give the access back: the alarm ends with the next complete sync (after a new key with the one after it).`,
    `If they are gone: npx pagekeeper allow-deletions ${stream} --stack ${deployment}`,
    `The next sync then marks up to that many as deleted; their content is kept for some time.`,
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

export function watchdogMissedText({ queueUrl }: { queueUrl: string }): string {
  return describe('missedTicks', [
    `EventBridge Scheduler could not invoke the watchdog. Syncs go on by their ticks and messages, but stranded runs are not revived, a new secret is not noticed, and the other alarms keep the state they had.`,
    `Look whether Lambda throttles (concurrency of the account) or whether somebody changed the schedule's role.`,
    `Then remove the old ticks: aws sqs purge-queue --queue-url ${queueUrl}`,
  ]);
}

export function functionErrorsText(context: { connection: string; entry: string; logGroup: string }): string {
  return describe('functionErrors', [
    `${context.entry} of ${context.connection} crashed, ran out of time or of memory. What the vendor answers never counts here. The page is tried again and no record is lost, but a lasting error stops the sync.`,
    `See why: aws logs tail ${context.logGroup} --since 1h --filter-pattern ERROR`,
    `Out of time or of memory: ask for smaller pages (pageSize) or set a longer timeoutSeconds. Otherwise it is a bug.`,
  ]);
}

export function watchdogErrorsText(context: { logGroup: string }): string {
  return describe('watchdogErrors', [
    `The watchdog crashed or ran out of time. Syncs go on, but stranded runs are not revived, new credentials are not noticed, and the other alarms keep the state they had.`,
    `See why: aws logs tail ${context.logGroup} --since 1h --filter-pattern ERROR`,
  ]);
}

function describe(kind: AlarmKind, sentences: readonly string[]): string {
  return [...sentences, `Runbook: docs/runbook.md#${runbookSection(kind)}`].join('\n');
}
