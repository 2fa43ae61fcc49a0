import path from 'node:path';

import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

import { buildBundle, type BundleEntry } from '../../infra/constructs/build-bundle.ts';
import { LocalAws, type AwsEvent } from '../../infra/emulator/local-aws.ts';
import { projectRoot } from '../../infra/settings/project.ts';
import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import { DynamoRecords } from '../../lib/aws/dynamo-records.ts';
import type { RunEnded } from '../../lib/events/event.ts';
import { newCheckpoint, newProgress, type Checkpoint } from '../../lib/sync/checkpoint.ts';
import { handMade, lambdaFunction } from '../infra/hand-made.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A function of somebody else's, which a rule of EventBridge calls: both functions that tell of events stand before it. */

const stream = 'mobaro/users';
const run = 'run-1';

const table = (...keys: string[]) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    KeySchema: keys.map((AttributeName, index) => ({
      AttributeName,
      KeyType: index === 0 ? 'HASH' : 'RANGE',
    })),
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  },
});

const told = {
  PAGEKEEPER_DEPLOYMENT: 'Test',
  PAGEKEEPER_CHANGES_BUCKET: { Ref: 'Log' },
  PAGEKEEPER_CHANGES_BEFORE: 'false',
  PAGEKEEPER_CHECKPOINTS_TABLE: { Ref: 'Checkpoints' },
  POWERTOOLS_SERVICE_NAME: 'pagekeeper',
  POWERTOOLS_METRICS_NAMESPACE: 'Pagekeeper',
};

const fn = (key: string) =>
  lambdaFunction(key, { Timeout: 60, MemorySize: 512, Environment: { Variables: told } });

const mapping = (tableId: string, functionId: string, more: object) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: {
    EventSourceArn: { 'Fn::GetAtt': [tableId, 'StreamArn'] },
    FunctionName: { Ref: functionId },
    StartingPosition: 'TRIM_HORIZON',
    ...more,
  },
});

const resources = {
  Checkpoints: table('pk'),
  Records: table('stream', 'id'),
  Log: { Type: 'AWS::S3::Bucket', Properties: {} },
  Changes: fn('publish-changes'),
  Events: fn('publish-events'),
  Listener: fn('listener'),
  // So the end of the run is there before its lines are.
  FromRecords: mapping('Records', 'Changes', { MaximumBatchingWindowInSeconds: 4 }),
  FromCheckpoints: mapping('Checkpoints', 'Events', { FunctionResponseTypes: ['ReportBatchItemFailures'] }),
  WholeRuns: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: {
        source: ['pagekeeper'],
        'detail-type': ['Run Ended'],
        detail: { whole: [true] },
      },
      Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Listener', 'Arn'] } }],
    },
  },
};

/** It writes down what it was told, and how many lines of the stream the log has then. */
const listener = `
  import { s3Client } from './lib/aws/clients.ts';
  import { S3Log } from './lib/aws/s3-log.ts';
  import { changesOf } from './lib/changes/object-key.ts';
  const log = new S3Log(s3Client(), process.env.PAGEKEEPER_CHANGES_BUCKET);
  export async function handler({ detail }) {
    let lines = 0;
    for await (const key of log.list(changesOf(detail.stream), changesOf(detail.stream))) {
      lines += (await log.read(key)).length;
    }
    console.log(JSON.stringify({ heard: { detail, lines } }));
  }`;

interface Heard {
  readonly detail: RunEnded;
  readonly lines: number;
}

async function listenerCode(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: listener, resolveDir: projectRoot, loader: 'ts' },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node24', write: false },
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  return outputFiles[0]?.text ?? '';
}

function codeOf(entry: BundleEntry): string {
  return new TextDecoder().decode(buildBundle(entry).files.get('index.mjs'));
}

async function start(folder: string) {
  const template = await handMade(folder, resources, {
    'publish-changes': codeOf('publish-changes'),
    'publish-events': codeOf('publish-events'),
    listener: await listenerCode(),
  });
  const events: AwsEvent[] = [];
  const aws = await LocalAws.start({
    ...{ template, dataDir: path.join(folder, 'data'), secrets: new Map(), minuteMs: 60_000 },
    adapt: (variables) => variables,
    onEvent: (event) => events.push(event),
    onError: (error) => {
      throw error;
    },
  });
  aws.begin();
  return { aws, events };
}

const running = (now: number): Checkpoint => ({
  ...newCheckpoint(stream),
  ...{ state: 'running', run, attempt: 1, outcome: 'running', outcomeAt: now, movedAt: now },
  progress: newProgress(now),
});

describe('a function that a rule calls after each whole run', () => {
  it('finds all lines of the run in the log, though its end was stored before they were there', async () => {
    await using folder = await temporaryFolder();
    const { aws, events } = await start(folder.path);
    try {
      const now = Date.now();
      const checkpoints = new DynamoCheckpoints(aws.dynamodb, 'Test-Checkpoints');
      const records = new DynamoRecords(aws.dynamodb, 'Test-Records');
      const begun = await checkpoints.replace(running(now));
      const rows = Array.from({ length: 30 }, (_, index) => ({ id: String(index), json: '{}', hash: 'h' }));
      await records.upsert(stream, rows, { at: now, run }, AbortSignal.timeout(60_000));
      const progress = { ...newProgress(now), pages: 2, records: 30, written: 30 };
      await checkpoints.replace({
        ...begun!,
        ...{ state: 'idle', run: null, outcome: 'complete', outcomeAt: Date.now(), progress },
      });

      const heard = () =>
        events.flatMap((event) =>
          event.kind === 'line' && event.functionName === 'Test-Listener'
            ? ((event.line.entry as { heard?: Heard }).heard ?? [])
            : [],
        );
      await expect.poll(heard, { timeout: 60_000 }).toHaveLength(1);
      expect(heard()[0]).toMatchObject({
        lines: 30,
        detail: {
          ...{ id: `run/${stream}/${run}`, stream, outcome: 'complete', whole: true, written: 30 },
          log: { complete: true, counts: { created: 30, changed: 0 } },
        },
      });
      const types = events.flatMap((event) => (event.kind === 'event' ? [event.event['detail-type']] : []));
      expect(types.indexOf('Records Changed')).toBeLessThan(types.indexOf('Run Ended'));
      // Those that the rule does not ask for have been sent, too, and nothing has crashed.
      await expect.poll(() => aws.eventsAreDelivered).toBe(true);
      expect(types.filter((type) => type === 'Stream State Changed').length).toBeGreaterThanOrEqual(2);
      expect(events.filter(({ kind }) => kind === 'function-failed')).toEqual([]);
    } finally {
      await aws.close();
    }
  });
});
