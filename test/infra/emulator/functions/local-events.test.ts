import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { LocalEvents } from '../../../../infra/emulator/functions/local-events.ts';
import type { Invocation } from '../../../../infra/emulator/functions/function-worker.ts';
import type { BusEvent } from '../../../../infra/emulator/embedded/embedded-events.ts';
import { LocalAws, type AwsEvent } from '../../../../infra/emulator/local-aws.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { handMade, lambdaFunction } from '../../hand-made.ts';

const event: BusEvent = {
  ...{ version: '0', id: '1', 'detail-type': 'Run Ended', source: 'pagekeeper', account: '0' },
  ...{ time: '2026-03-01T08:00:00Z', region: 'us-east-1', resources: [], detail: { outcome: 'partial' } },
};
const rules = [
  { name: 'all', pattern: { source: ['pagekeeper'] }, functionNames: ['a', 'b'] },
  {
    name: 'some',
    pattern: { source: ['pagekeeper'], detail: { outcome: ['complete'] } },
    functionNames: ['c'],
  },
];

const asynchronous = { retries: 2, maximumAgeSeconds: 21_600, onFailure: null };

function eventsTo(invoke: (name: string, given: unknown) => Promise<Invocation>) {
  return new LocalEvents({
    ...{ rules, invoke, retryDelaysMs: [1, 60_000] },
    functions: ['a', 'b', 'c'].map((name) => ({ name, asynchronous })),
    drop: () => Promise.reject(new Error('nothing is given up here')),
    onError: (error) => {
      throw error;
    },
  });
}

describe('events on the bus', () => {
  it('come to the functions whose rules they match, once who has sent them knows', async () => {
    const invoked: unknown[] = [];
    const events = eventsTo((name, given) => {
      invoked.push([name, given]);
      return Promise.resolve({ kind: 'returned', value: null });
    });
    const answered: PromiseWithResolvers<void> = Promise.withResolvers();
    events.take([event], answered.promise);
    await new Promise(setImmediate);
    expect([invoked, events.inFlight]).toEqual([[], 2]);
    answered.resolve();
    await events.ended();
    expect([invoked, events.inFlight]).toEqual([
      [
        ['a', event],
        ['b', event],
      ],
      0,
    ]);
  });

  it('are repeated as often as the function is set to, and wait for nothing when they are stopped', async () => {
    let tries = 0;
    const events = eventsTo((name) => {
      if (name !== 'a') return Promise.resolve({ kind: 'returned', value: null });
      tries += 1;
      return Promise.resolve({ kind: 'failed', reason: 'x' });
    });
    events.take([event], Promise.resolve());
    await expect.poll(() => tries).toBe(2);
    expect(events.inFlight).toBe(1);
    events.stop();
    await events.ended();
    expect([tries, events.inFlight]).toEqual([2, 0]);
  });
});

const sender = `import { createRequire } from 'node:module';
const { EventBridgeClient, PutEventsCommand } = createRequire(${JSON.stringify(import.meta.filename)})('@aws-sdk/client-eventbridge');
export const handler = async ({ DetailType }) => {
  const Entries = [{ Source: 'pagekeeper', DetailType, Detail: '{"stream":"bob/people"}' }];
  return await new EventBridgeClient({}).send(new PutEventsCommand({ Entries }));
};`;

const listener = `export const handler = (event) => {
  console.log(JSON.stringify({ heard: event }));
};`;

describe('the bus of a deployment on this machine', () => {
  it('brings what a function sends to those that listen, and keeps it', async () => {
    await using folder = await temporaryFolder();
    const resources = {
      Sender: lambdaFunction('sender', { Timeout: 20 }),
      Listener: lambdaFunction('listener'),
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventPattern: { source: ['pagekeeper'], 'detail-type': ['Run Ended'] },
          Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Listener', 'Arn'] } }],
        },
      },
    };
    const template = await handMade(folder.path, resources, { sender, listener });
    const told: AwsEvent[] = [];
    const aws = await LocalAws.start({
      ...{ template, dataDir: path.join(folder.path, 'data'), secrets: new Map(), minuteMs: 60_000 },
      adapt: (variables) => variables,
      onEvent: (one) => told.push(one),
      onError: (error) => {
        throw error;
      },
    });
    aws.begin();
    for (const DetailType of ['Other', 'Run Ended']) {
      expect(await aws.functions.invoke('Test-Sender', { DetailType })).toMatchObject({ kind: 'returned' });
    }
    await expect.poll(() => aws.eventsAreDelivered).toBe(true);
    const sent = told.flatMap((one) => (one.kind === 'event' ? [one.event] : []));
    expect(sent.map((one) => one['detail-type'])).toEqual(['Other', 'Run Ended']);
    const heard = told.flatMap((one) => (one.kind === 'line' ? [one.line.entry] : []));
    expect(heard).toEqual([{ heard: sent[1] }]);
    await aws.close();
  });
});
