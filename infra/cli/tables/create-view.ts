import { setTimeout as sleep } from 'node:timers/promises';

import {
  GetQueryExecutionCommand,
  StartQueryExecutionCommand,
  type AthenaClient,
} from '@aws-sdk/client-athena';

import { UsageError } from '../../terminal/usage-error.ts';

/** The tables over the change log, and what Athena works in. */
export interface LakeNames {
  readonly database: string;
  readonly workGroup: string;
}

const pollMs = 500;

/** Has Athena make a view, and waits for it. @throws UsageError with what Athena says, where it does not */
export async function createView(
  sql: string,
  { database, workGroup }: LakeNames,
  athena: AthenaClient,
  signal: AbortSignal,
): Promise<void> {
  const { QueryExecutionId } = await athena.send(
    new StartQueryExecutionCommand({
      QueryString: sql,
      QueryExecutionContext: { Database: database },
      WorkGroup: workGroup,
    }),
    { abortSignal: signal },
  );
  for (;;) {
    const { QueryExecution } = await athena.send(new GetQueryExecutionCommand({ QueryExecutionId }), {
      abortSignal: signal,
    });
    const { State, StateChangeReason = '' } = QueryExecution?.Status ?? {};
    if (State === 'SUCCEEDED') return;
    if (State === 'FAILED' || State === 'CANCELLED')
      throw new UsageError(`schema: Athena has not made the view: ${StateChangeReason}`);
    await sleep(pollMs, undefined, { signal });
  }
}
