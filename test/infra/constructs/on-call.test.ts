import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';

import { OnCall } from '../../../infra/constructs/on-call.ts';
import type { OnCallTargets } from '../../../infra/settings/settings.ts';
import { emptyStack } from '../synthesized.ts';

function onCall(page: Partial<OnCallTargets>, ticket: Partial<OnCallTargets> = {}): Template {
  const none: OnCallTargets = { emails: [], https: [], slack: null };
  const stack = emptyStack();
  const targets = { page: { ...none, ...page }, ticket: { ...none, ...ticket } };
  new OnCall(stack, 'OnCall', { deployment: 'Test', targets, runbook: 'docs/runbook.md', key: null });
  return Template.fromStack(stack);
}

const template = onCall(
  { emails: ['one@example.com', 'two@example.com'], https: ['https://pager.example/hook?token=1'] },
  { emails: ['tickets@example.com'] },
);
/** Of people, and of machines. */
const [pages, tickets, pagerPages] = Object.keys(template.findResources('AWS::SNS::Topic'));
const ownAlarms = {
  Effect: 'Allow',
  Principal: { Service: 'cloudwatch.amazonaws.com' },
  Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
};

describe('an address that holds a key', () => {
  it('is read by CloudFormation when it deploys, and stands in no template', () => {
    const kept = onCall(
      { https: [{ secret: 'on-call/pager', field: 'url' }, { parameter: '/on-call/url' }] },
      { https: [{ secret: 'tickets' }] },
    );
    const endpoints = Object.values(kept.findResources('AWS::SNS::Subscription')).map(
      ({ Properties }: Record<string, { readonly Endpoint?: string }>) => Properties?.Endpoint,
    );

    expect(endpoints).toEqual([
      '{{resolve:secretsmanager:on-call/pager:SecretString:url::}}',
      '{{resolve:ssm:/on-call/url}}',
      '{{resolve:secretsmanager:tickets:SecretString:::}}',
    ]);
  });
});

describe('settings under which nobody hears', () => {
  const none: OnCallTargets = { emails: [], https: [], slack: null };
  const somebody: OnCallTargets = { ...none, emails: ['one@example.com'] };
  const pagesToNobody = 'pagekeeper.onCall: names nobody, so a page reaches nobody';
  const ticketsToNobody = 'pagekeeper.onCall.tickets: names nobody';

  it.each([
    ['pages and tickets', none, none, [pagesToNobody, ticketsToNobody]],
    ['pages', none, somebody, [pagesToNobody]],
    ['tickets', somebody, none, [ticketsToNobody]],
    ['nothing', somebody, somebody, []],
  ])('are warned of when they are synthesized: %s', (_, page, ticket, warnings) => {
    const stack = emptyStack();
    const targets = { page, ticket };
    new OnCall(stack, 'OnCall', { deployment: 'Test', targets, runbook: 'docs/runbook.md', key: null });

    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toMatchObject(
      warnings.map((words) => ({ entry: { data: expect.stringContaining(words) as unknown } })),
    );
  });
});

describe('the topics for on-call', () => {
  it.each([
    ['email', 'one@example.com', pages],
    ['email', 'two@example.com', pages],
    ['https', 'https://pager.example/hook?token=1', pagerPages],
    ['email', 'tickets@example.com', tickets],
  ])('reach %s %s', (Protocol, Endpoint, topic) => {
    template.resourceCountIs('AWS::SNS::Subscription', 4);
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol,
      Endpoint,
      TopicArn: { Ref: topic },
    });
  });

  it('are encrypted with one key that the account’s alarms may use, as the AWS-managed one may not be', () => {
    template.resourceCountIs('AWS::KMS::Key', 1);
    template.allResourcesProperties('AWS::SNS::Topic', {
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

  it('let alarms in although a policy of their own enforces TLS', () => {
    template.resourceCountIs('AWS::SNS::TopicPolicy', 4);
    template.allResourcesProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ ...ownAlarms, Action: 'sns:Publish' }),
        ]),
      },
    });
  });
});

describe('Slack', () => {
  const slack = { workspaceId: 'T01', channelId: 'C01' };

  it('is left out where nobody has asked for it', () => {
    template.resourceCountIs('AWS::Chatbot::SlackChannelConfiguration', 0);
  });

  it('has one configuration for a channel that takes pages and tickets', () => {
    const both = onCall({ slack }, { slack });
    both.resourceCountIs('AWS::Chatbot::SlackChannelConfiguration', 1);
    both.hasResourceProperties('AWS::Chatbot::SlackChannelConfiguration', {
      ConfigurationName: 'Test-C01',
      SlackWorkspaceId: 'T01',
      SlackChannelId: 'C01',
      SnsTopicArns: [{ Ref: pages }, { Ref: tickets }],
    });
  });

  it('has one for each of two channels, with its own topic', () => {
    const apart = onCall({ slack }, { slack: { ...slack, channelId: 'C02' } });
    for (const [SlackChannelId, topic] of [
      ['C01', pages],
      ['C02', tickets],
    ]) {
      apart.hasResourceProperties('AWS::Chatbot::SlackChannelConfiguration', {
        SlackChannelId,
        SnsTopicArns: [{ Ref: topic }],
      });
    }
  });

  it('says that another deployment needs a channel of its own', () => {
    const stack = emptyStack();
    const none: OnCallTargets = { emails: [], https: [], slack: null };
    const targets = { page: { ...none, slack }, ticket: none };
    new OnCall(stack, 'OnCall', { deployment: 'Test', targets, runbook: 'docs/runbook.md', key: null });

    expect(Annotations.fromStack(stack).findInfo('*', Match.anyValue())).toMatchObject([
      { entry: { data: expect.stringContaining('one deployment of an account can have channel C01') } },
    ]);
  });

  it('may do nothing in the account', () => {
    const roles = Object.entries(onCall({ slack }).findResources('AWS::IAM::Role')).filter(([id]) =>
      id.includes('Slack'),
    );
    expect(roles.map(([, { Properties }]) => Object.keys(Properties as object))).toEqual([
      ['AssumeRolePolicyDocument'],
    ]);
  });
});
