import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';

import { PageQueue } from '../../../infra/constructs/page-queue.ts';
import { emptyStack } from '../synthesized.ts';

const stack = emptyStack();
new PageQueue(stack, 'Queue', 30, null);
const template = Template.fromStack(stack);

describe('the page queue', () => {
  it('hides a message for six times as long as the function may take', () => {
    template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 180 });
  });

  it('gives a message up after 100 receives only, for every wait is one', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('DeadLetters'), 'Arn'] },
        maxReceiveCount: 100,
      },
    });
  });

  it('keeps dead letters for 14 days, longer than the pages, because their age goes on counting', () => {
    const retentions = Object.values(template.findResources('AWS::SQS::Queue')).map(
      ({ Properties }) => (Properties as { MessageRetentionPeriod: number }).MessageRetentionPeriod,
    );
    expect(retentions.toSorted((a, b) => a - b)).toEqual([4 * 86_400, 14 * 86_400]);
  });

  it('encrypts both queues and refuses plain HTTP', () => {
    template.allResourcesProperties('AWS::SQS::Queue', { SqsManagedSseEnabled: true });
    template.resourceCountIs('AWS::SQS::QueuePolicy', 2);
    template.allResourcesProperties('AWS::SQS::QueuePolicy', {
      PolicyDocument: {
        Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
      },
    });
  });
});
