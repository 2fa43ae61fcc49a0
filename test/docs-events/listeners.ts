import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction, SfnStateMachine, SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import type { Function as Listener } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

/** The examples of docs/events.md, as they stand there: here they are compiled, and a test synthesizes them. */

/** Starts a Step Function after each run of all people that has changed something, with the detail as its input. */
export function afterEachWholeRun(scope: Construct, machine: IStateMachine): void {
  new Rule(scope, 'AfterEachWholeRun', {
    eventPattern: {
      source: ['pagekeeper'],
      detailType: ['Run Ended'],
      detail: {
        deployment: ['Pagekeeper'],
        stream: ['bob/people'],
        whole: [true],
        // Where nothing has changed there is no log.
        log: { complete: [true] },
      },
    },
    targets: [new SfnStateMachine(machine, { input: RuleTargetInput.fromEventPath('$.detail') })],
  });
}

/** Calls a function for each object of the change log, which it may read. */
export function onEachChange(scope: Construct, listener: Listener, bucket: IBucket): void {
  bucket.grantRead(listener, 'changes/*');
  listener.addEnvironment('BUCKET', bucket.bucketName);
  new Rule(scope, 'OnEachChange', {
    eventPattern: {
      source: ['pagekeeper'],
      detailType: ['Records Changed'],
      detail: { deployment: ['Pagekeeper'], key: [{ prefix: 'changes/' }] },
    },
    targets: [new LambdaFunction(listener)],
  });
}

/** Writes to Slack, by way of a topic that Amazon Q in chat applications is subscribed to, when rows were deleted. */
export function whenRowsWereDeleted(scope: Construct, topic: ITopic): void {
  const deleted = EventField.fromPath('$.detail.deleted');
  const stream = EventField.fromPath('$.detail.stream');
  new Rule(scope, 'WhenRowsWereDeleted', {
    eventPattern: {
      source: ['pagekeeper'],
      detailType: ['Run Ended'],
      detail: { deployment: ['Pagekeeper'], deleted: [{ 'anything-but': [0] }] },
    },
    targets: [
      new SnsTopic(topic, {
        message: RuleTargetInput.fromObject({
          ...{ version: '1.0', source: 'custom' },
          content: { title: stream, description: `${deleted} records are not there any more.` },
        }),
      }),
    ],
  });
}
