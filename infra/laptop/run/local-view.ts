import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

import { DynamoBreakers } from '../../../lib/aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { DynamoGovernor } from '../../../lib/aws/dynamo-governor.ts';
import { DynamoMutes } from '../../../lib/aws/dynamo-mutes.ts';
import { readStatus } from '../../../lib/operations/status.ts';
import type { LocalView } from './local-run.ts';
import type { LocalStack } from './read-stack.ts';

/** What is stored of a run that goes on here, read as it is asked for. */
export function localView(of: {
  readonly stack: Pick<LocalStack, 'connections' | 'checkpointsTable'>;
  /** Whole names of the selected ones. */
  readonly streams: readonly string[];
  readonly dynamodb: DynamoDBClient;
  readonly nextTick: LocalView['nextTick'];
}): LocalView {
  const { stack, streams, dynamodb, nextTick } = of;
  const { connections, checkpointsTable: table } = stack;
  const checkpoints = new DynamoCheckpoints(dynamodb, table);
  const breakers = new DynamoBreakers(dynamodb, table);
  const mutes = new DynamoMutes(dynamodb, table);
  const governor = new DynamoGovernor(dynamodb, table);
  const limits = new Map(
    connections
      .flatMap((connection) => connection.limits)
      .filter(({ stream }) => streams.includes(stream))
      .map(({ scope, terms }) => [scope, terms] as const),
  );
  return {
    status: () => readStatus(streams, { checkpoints, breakers, mutes }, Date.now()),
    limits: () =>
      Promise.all(
        [...limits].map(async ([scope, terms]) => ({
          scope,
          ...(await governor.use(scope, terms, Date.now())),
        })),
      ),
    nextTick,
  };
}
