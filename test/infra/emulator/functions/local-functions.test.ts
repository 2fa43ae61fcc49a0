import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { LocalFunctions } from '../../../../infra/emulator/functions/local-functions.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

it('a function that ends with the runner has not failed', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'index.mjs');
  await writeFile(
    file,
    `export const handler = (ms) => new Promise((_, no) => setTimeout(no, ms, new Error('late')));`,
  );
  const failures: string[] = [];
  const metrics: string[] = [];
  const functions = new LocalFunctions({
    functions: [
      {
        ...{ logicalId: 'Fn', name: 'fn', arn: 'arn', file, handler: 'handler', timeoutSeconds: 60 },
        ...{ memoryMb: 128, logGroup: 'group', logFormat: null, logLevel: null },
        asynchronous: { retries: 0, maximumAgeSeconds: 21_600, onFailure: null },
        environment: () => ({}),
      },
    ],
    endpoints: { dynamodb: '', queues: '', secrets: '', s3: null, events: '', accessKey: '' },
    adapt: (variables) => variables,
    onMetric: ({ name, values }) => metrics.push(`${name} ${String(values)}`),
    onLine: () => undefined,
    onFailure: (_, reason) => failures.push(reason),
  });
  expect(await functions.invoke('fn', 1)).toMatchObject({ kind: 'failed' });
  expect(failures).toEqual([expect.stringContaining('late')]);
  expect(metrics).toContain('Errors 1');
  const pending = functions.invoke('fn', 60_000);
  await sleep(200);
  await functions.close();
  expect(await pending).toMatchObject({ kind: 'failed' });
  expect(failures).toHaveLength(1);
});
