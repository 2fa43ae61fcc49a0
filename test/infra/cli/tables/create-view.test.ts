import { AthenaClient } from '@aws-sdk/client-athena';
import { afterEach, describe, expect, it } from 'vitest';

import { createView } from '../../../../infra/cli/tables/create-view.ts';
import { UsageError } from '../../../../infra/terminal/usage-error.ts';
import { embeddedCredentials } from '../../../support/embedded-credentials.ts';
import { startHttpServer } from '../../../support/http-server.ts';

const lake = { database: 'pagekeeper', workGroup: 'Pagekeeper' };
const { signal } = new AbortController();
let close: (() => Promise<void>) | undefined;

afterEach(() => close?.());

/** An Athena whose query goes through these states. */
async function athenaWith(...states: readonly object[]): Promise<{ client: AthenaClient; asked: unknown[] }> {
  const asked: unknown[] = [];
  const left = [...states];
  const server = await startHttpServer((request, response) => {
    asked.push(JSON.parse(request.body));
    const isStart = String(request.headers['x-amz-target']).endsWith('.StartQueryExecution');
    const answer = isStart ? { QueryExecutionId: 'q-1' } : { QueryExecution: { Status: left.shift() } };
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify(answer));
  });
  const client = new AthenaClient({ ...embeddedCredentials, endpoint: server.origin });
  close = async () => {
    client.destroy();
    await server.stop();
  };
  return { client, asked };
}

describe('a view that Athena is to make', () => {
  it('is made in the lake, and waited for', async () => {
    const { client, asked } = await athenaWith(
      { State: 'QUEUED' },
      { State: 'RUNNING' },
      { State: 'SUCCEEDED' },
    );
    await createView('create or replace view v as select 1', lake, client, signal);
    expect(asked).toHaveLength(4);
    expect(asked[0]).toMatchObject({
      QueryString: 'create or replace view v as select 1',
      QueryExecutionContext: { Database: 'pagekeeper' },
      WorkGroup: 'Pagekeeper',
    });
    expect(asked[3]).toEqual({ QueryExecutionId: 'q-1' });
  });

  it('is none where Athena says why', async () => {
    const { client } = await athenaWith({ State: 'FAILED', StateChangeReason: 'Insufficient permissions' });
    const made = createView('create or replace view v as select 1', lake, client, signal);
    await expect(made).rejects.toThrow(UsageError);
    await expect(made).rejects.toThrow('Athena has not made the view: Insufficient permissions');
  });
});
