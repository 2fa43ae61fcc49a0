import { createHash } from 'node:crypto';

/** What the resources of a deployment are called, as far as more than their constructs have to know it. */

/**
 * The logical id that the CDK gives a resource: its path without what is not a letter or digit, and eight digits of the
 * path's hash. A test holds it to what the CDK makes.
 *
 * @param path below the stack, without the `Resource` at its end
 */
export function logicalIdOf(...path: readonly string[]): string {
  const human = path
    .join('')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .slice(0, 240);
  const hash = createHash('md5')
    .update([...path, 'Resource'].join('/'))
    .digest('hex');
  return `${human}${hash.slice(0, 8).toUpperCase()}`;
}

/** Of the construct ids in infra/constructs/page-queue.ts. */
export type QueuePart = 'Pages' | 'DeadLetters';

/** The logical id of one of a connection's queues. */
export function queueIdOf(connection: string, part: QueuePart): string {
  return logicalIdOf(`Connection-${connection}`, 'Queue', part);
}

/** Of the construct ids in infra/constructs/tables.ts, and of the stack's outputs, each with `TableName` behind it. */
export type TablePart = 'Checkpoints' | 'Records';

/** Of the stack's outputs: the name of the bucket of the change log. */
export const changesBucketOutput = 'ChangesBucketName';

/** Of the stack's outputs, where there is a lake. */
export const lakeOutputs = { database: 'LakeDatabaseName', workGroup: 'LakeWorkGroupName' } as const;

/** Glue takes small letters, digits and underscores. */
export function lakeDatabaseOf(stack: string): string {
  return stack.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
}

/** Of the construct ids in infra/constructs/on-call.ts. */
export type Listeners = 'people' | 'machines';

const topicParts = {
  people: { page: 'Topic', ticket: 'Tickets' },
  machines: { page: 'PagesOfMachines', ticket: 'TicketsOfMachines' },
} as const satisfies Readonly<Record<Listeners, object>>;

/** The logical id of one of the four topics. */
export function topicIdOf(severity: 'page' | 'ticket', listeners: Listeners = 'people'): string {
  return logicalIdOf('OnCall', topicParts[listeners][severity]);
}

/** The logical id of a connection's secret. */
export function secretIdOf(connection: string): string {
  return logicalIdOf(`Connection-${connection}`, 'Secret');
}

/** The logical id of the secret that keeps a connection's access tokens. */
export function tokensIdOf(connection: string): string {
  return logicalIdOf(`Connection-${connection}`, 'Tokens');
}

/** The logical id of the queue for ticks that did not arrive: of a connection, or of the watchdog. */
export function missedTicksIdOf(connection: string | null): string {
  return logicalIdOf(connection === null ? 'Watchdog' : `Connection-${connection}`, 'Ticks', 'Missed');
}

/** What CloudFormation puts in the place of a reference is known at deploy only: names, ARNs and URLs of queues stay below this. */
export const referenceLength = 140;

/** Of the template's metadata: the settings as they were written. */
export const metadataKey = 'Pagekeeper';

/** @param secret of the connection's settings */
export function secretNameOf(
  stack: string,
  { name, secret }: { readonly name: string; readonly secret: string | null },
): string {
  return secret ?? `${stack}/${name}`;
}

/** Of the secret that keeps a connection's access tokens. A connection's name holds no slash. */
export function tokensNameOf(stack: string, connection: string): string {
  return `${stack}/${connection}/tokens`;
}
