import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, it } from 'vitest';

import { OnCall } from '../../../infra/constructs/on-call.ts';
import { emptyStack } from '../synthesized.ts';

const stack = emptyStack();
new OnCall(stack, 'OnCall', {
  deployment: 'Test',
  emails: ['one@example.com', 'two@example.com'],
  https: ['https://pager.example/hook?token=1'],
});
const template = Template.fromStack(stack);
const ownAlarms = {
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
};

describe('the topic for on-call', () => {
  it('reaches every address', () => {
    template.resourceCountIs('AWS::SNS::Subscription', 3);
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'one@example.com',
    });
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'two@example.com',
    });
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'https',
      Endpoint: 'https://pager.example/hook?token=1',
    });
  });

  it('is encrypted with a key that the account’s alarms may use, as the AWS-managed one may not be', () => {
    template.hasResourceProperties('AWS::SNS::Topic', {
      KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^OnCallKey'), 'Arn'] },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({ ...ownAlarms, Action: ['kms:Decrypt', 'kms:GenerateDataKey*'] }),
        ]),
      },
    });
  });

  it('lets alarms in although a policy of its own enforces TLS', () => {
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ ...ownAlarms, Action: 'sns:Publish' }),
        ]),
      },
    });
  });
});
