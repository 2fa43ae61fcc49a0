import { readFile, stat } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import {
  adaptedFile,
  adaptSettings,
  adaptVariables,
  writeAdapted,
} from '../../../../infra/laptop/run/adapt-settings.ts';
import { readEnvironment } from '../../../../lib/runtime/environment.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const mobaro = {
  ...{ name: 'mobaro', connector: 'mobaro', baseUrl: 'https://app.mobaro.com/api/customers' },
  ...{ timeoutSeconds: 30, secretName: 'Pagekeeper/mobaro' },
  streams: { users: { gapSeconds: 1 }, webhooks: { gapSeconds: 1 } },
};
const bob = {
  ...{ ...mobaro, name: 'bob', connector: 'bob', baseUrl: 'https://api.hibob.com/v1' },
  streams: { people: { gapSeconds: 1 } },
};
const settings = { connections: [mobaro, bob] };

describe('the settings of functions on a laptop', () => {
  it('are those of the stack where nothing else is asked for', () => {
    expect(adaptSettings(settings, { selected: null, baseUrls: new Map() })).toEqual(settings);
  });

  it('have another base URL for a connection', () => {
    const baseUrls = new Map([['mobaro', 'http://127.0.0.1:2']]);
    expect(adaptSettings(settings, { selected: null, baseUrls }).connections).toEqual([
      { ...mobaro, baseUrl: 'http://127.0.0.1:2' },
      bob,
    ]);
  });

  it('know the selected streams only', () => {
    const selected = new Set(['mobaro/webhooks']);
    expect(adaptSettings(settings, { selected, baseUrls: new Map() }).connections).toEqual([
      { ...mobaro, streams: { webhooks: { gapSeconds: 1 } } },
    ]);
  });

  it('are written for this user alone, and read in place of those beside the code', async () => {
    await using folder = await temporaryFolder();
    await writeAdapted(folder.path, { connections: [bob] });
    const file = adaptedFile(folder.path);
    const { connections } = readEnvironment({
      ...{ PAGEKEEPER_SETTINGS: file },
      ...{ LAMBDA_TASK_ROOT: '/nowhere', PAGEKEEPER_QUEUES: '{"mobaro":"a","bob":"b"}' },
      ...{ PAGEKEEPER_DEPLOYMENT: 'Test', PAGEKEEPER_CHECKPOINTS_TABLE: 'c' },
    });
    expect(connections.map(({ name }) => name)).toEqual(['bob']);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ connections: [bob] });
  });
});

describe('the variables of functions on a laptop', () => {
  const variables = { PAGEKEEPER_DEPLOYMENT: 'Pagekeeper', PAGEKEEPER_GATHER_SECONDS: '60' };
  const adapted = (minuteMs: number, of: Readonly<Record<string, string>> = variables) =>
    adaptVariables(of, { dataDir: 'there', dataOption: ' --data there', minuteMs });

  it('say where the settings are and what commands end in, and leave the rest', () => {
    expect(adapted(60_000, { OTHER: 'a' })).toEqual({
      OTHER: 'a',
      PAGEKEEPER_SETTINGS: adaptedFile('there'),
      PAGEKEEPER_DATA_OPTION: ' --data there',
    });
  });

  it.each([
    [1000, '1'],
    // At the pace of CloudWatch, too, a message is sent before a run that is stopped has ended.
    [60_000, '5'],
  ])('have on-call wait no longer than the run goes on, where a minute is %i ms', (minuteMs, seconds) => {
    expect(adapted(minuteMs)['PAGEKEEPER_GATHER_SECONDS']).toBe(seconds);
  });
});
