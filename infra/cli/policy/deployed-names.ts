import type { QueuePart, TablePart } from '../../settings/names.ts';

/** Where something is, as the first parts of its ARN say it. */
export interface Place {
  /** `aws`, `aws-cn`, … */
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** What a deployment's things are called. */
export interface DeployedNames extends Place {
  readonly stack: string;
  readonly tables: Readonly<Record<TablePart, string>>;
  /** Null where there is no change log. */
  readonly changesBucket: string | null;
  /** ARNs, in the order of the connections. */
  readonly queues: Readonly<Record<QueuePart, readonly string[]>>;
  readonly secrets: readonly string[];
  /** Of the connections that have access tokens. */
  readonly tokens: readonly string[];
  readonly topics: readonly string[];
  readonly connections: readonly string[];
  /** Whole names of the streams whose records other streams are requested by. */
  readonly parents: readonly string[];
  /** Whole names of the streams that the person has chosen. */
  readonly chosen: readonly string[];
}

export function placeOf(arn: string): Place {
  const [, partition = '', , region = '', account = ''] = arn.split(':');
  return { partition, region, account };
}

export function arnOf({ partition, region, account }: Place, service: string, resource: string): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}
