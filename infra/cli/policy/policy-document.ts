import { failedBatchesPrefix } from '../../../lib/aws/failed-batch.ts';
import { changesPrefix } from '../../../lib/changes/object-key.ts';
import { snapshotsPrefix } from '../../../lib/changes/snapshot-key.ts';
import { eventLogGroups } from '../events/log-event-reader.ts';
import { muteRuleName } from '../store/mute-rules.ts';
import { arnOf, type DeployedNames } from './deployed-names.ts';
import type { LogPart, Need, Target } from './needs.ts';

/** As IAM reads it. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly Statement[];
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  /** Of a key's policy alone. */
  readonly Principal?: Readonly<Record<string, string>>;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export function documentOf(statements: readonly Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

/** What is left after as little as can be said: one statement for all actions that hold for the same. Pure. */
export function statementsFor(needs: readonly Need[], names: DeployedNames): readonly Statement[] {
  return targets.flatMap((target) => {
    const partitions = partitionsByAction(
      needs.filter(({ on }) => on === target),
      names,
    );
    const groups = Map.groupBy(partitions, ([, of]) => (of === null ? '' : [...of].sort().join()));
    const all = [...groups.values()].map((group) => ({
      actions: group.map(([action]) => action).sort(),
      of: group[0]?.[1] ?? null,
    }));
    // Nothing is held by an empty list of partitions or resources, and IAM takes none.
    return all
      .map(({ actions, of }) => ({ actions, of, resources: resourcesOf(target, of, names) }))
      .filter(({ of, resources }) => of?.size !== 0 && resources.length > 0)
      .map(({ actions, of, resources }, index) => ({
        Sid: `${target.charAt(0).toUpperCase()}${target.slice(1)}${all.length === 1 ? '' : String(index + 1)}`,
        Effect: 'Allow' as const,
        Action: actions,
        Resource: resources,
        // Of objects it stands in their ARNs.
        ...(of !== null && target !== 'changeObjects' && { Condition: conditionOf(target, [...of].sort()) }),
      }));
  });
}

/** In the order in which they stand in a policy. */
const targets = [
  ...(['stack', 'nested', 'checkpoints', 'records', 'tables', 'changeLog', 'changeObjects'] as const),
  ...(['pages', 'deadLetters'] as const),
  ...(['secrets', 'tokens', 'topics', 'alarms', 'muteRules', 'logs', 'account'] as const),
] satisfies readonly Target[];

/** By action, the partitions of the table or the keys of the bucket, as patterns, that it is for; null where that is no question. */
function partitionsByAction(
  needs: readonly Need[],
  names: DeployedNames,
): ReadonlyMap<string, ReadonlySet<string> | null> {
  const byAction = new Map<string, Set<string> | null>();
  for (const need of needs) {
    const partitions = partitionsOf(need, names);
    for (const action of need.actions) {
      const before = byAction.get(action) ?? new Set<string>();
      byAction.set(action, partitions === null ? null : new Set([...before, ...partitions]));
    }
  }
  return byAction;
}

function partitionsOf(need: Need, { connections, parents, chosen }: DeployedNames): readonly string[] | null {
  switch (need.on) {
    case 'checkpoints':
      return need.items.map((kind) => `${kind}#*`);
    case 'records':
      return { all: connections.map((connection) => `${connection}/*`), parents, chosen }[need.of];
    case 'changeLog':
    case 'changeObjects':
      return need.of.flatMap((part) => keysOf(part, chosen));
    default:
      return null;
  }
}

function keysOf(part: LogPart, chosen: readonly string[]): readonly string[] {
  switch (part) {
    case 'chosen':
      // Of changes and of snapshots.
      return chosen.map((stream) => `*/${stream}/*`);
    case 'changes':
      return [`${changesPrefix}*`];
    case 'snapshots':
      return [`${snapshotsPrefix}*`];
    case 'failures':
      return [`${failedBatchesPrefix}*`];
  }
}

/** As narrow as AWS takes it. @param of keys, where it is objects */
function resourcesOf(
  target: Target,
  of: ReadonlySet<string> | null,
  names: DeployedNames,
): readonly string[] {
  const { stack, tables, changesBucket, queues, secrets, tokens, topics } = names;
  const bucket = changesBucket === null ? null : `arn:${names.partition}:s3:::${changesBucket}`;
  const table = (name: string): string => arnOf(names, 'dynamodb', `table/${name}`);
  switch (target) {
    case 'stack':
      // Its ARN ends with an id that is another one after it has been made anew.
      return [arnOf(names, 'cloudformation', `stack/${stack}/*`)];
    case 'nested':
      // Their names begin with the stack's own, and what the CDK calls a connection.
      return [arnOf(names, 'cloudformation', `stack/${stack}-Connection*`)];
    case 'checkpoints':
      return [table(tables.Checkpoints)];
    case 'records':
      return [table(tables.Records)];
    case 'tables':
      return [table(tables.Checkpoints), table(tables.Records)];
    case 'changeLog':
      return bucket === null ? [] : [bucket];
    case 'changeObjects':
      return bucket === null ? [] : [...(of ?? [])].sort().map((keys) => `${bucket}/${keys}`);
    case 'pages':
      return queues.Pages;
    case 'deadLetters':
      return queues.DeadLetters;
    case 'secrets':
      return secrets;
    case 'tokens':
      return tokens;
    case 'topics':
      return topics;
    case 'alarms':
      // The space ends the name of the stack: another stage has one of its own.
      return [arnOf(names, 'cloudwatch', `alarm:${stack} *`)];
    case 'muteRules':
      return [arnOf(names, 'cloudwatch', `alarm-mute-rule:${muteRuleName(stack, '*')}`)];
    case 'logs':
      // IAM asks for the end, which stands for the streams of the group.
      return eventLogGroups(stack).map((group) => arnOf(names, 'logs', `log-group:${group}:*`));
    case 'account':
      // It has no resource.
      return ['*'];
  }
}

function conditionOf(target: Target, of: readonly string[]): NonNullable<Statement['Condition']> {
  if (target === 'changeLog') return { StringLike: { 's3:prefix': of } };
  return {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': of },
    // ForAllValues holds for a request without any key, too.
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };
}

/** Of a managed policy, without its white space. */
const maxLength = 6144;
/** Managed policies that a user or role takes, unless its quota was raised. */
const maxAttached = 10;

/** @returns a sentence where IAM takes it for no managed policy, or null */
export function tooLong(document: PolicyDocument): string | null {
  const length = JSON.stringify(document).replaceAll(/\s/g, '').length;
  if (length <= maxLength) return null;
  const parts = Math.ceil(length / (maxLength - 200));
  return (
    `This policy has ${length.toLocaleString('en-US')} characters without white space, and IAM takes ${maxLength.toLocaleString('en-US')} in a managed policy. ` +
    `Put its statements into ${parts} policies: each stands by itself, and so does each resource of one. A user or role takes ${maxAttached} of them.`
  );
}
