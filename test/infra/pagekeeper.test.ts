import { App, Aspects, CfnResource, NestedStack, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { ManagedPolicy, PermissionsBoundary, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';

import { Pagekeeper, type PagekeeperProps } from '../../infra/pagekeeper.ts';
import { SettingsError } from '../../infra/settings/settings-error.ts';
import { thirdVendor as ferry } from '../acceptance/third-vendor.ts';
import { many } from './many-connections.ts';

/** With no context at all, but for the code of functions: bundling takes seconds. */
function ownStack(name = 'Mine'): Stack {
  const context = { 'aws:cdk:bundling-stacks': [] };
  return new Stack(new App({ context, builtinCloudFormationValidation: false }), name);
}

const props: PagekeeperProps = {
  connections: { ferry: { connector: ferry, streams: { crossings: {} } } },
  onCall: { emails: ['on-call@example.com'] },
};

function role(stack: Stack): Role {
  return new Role(stack, 'Reader', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
}

describe('Pagekeeper in a stack of one’s own', () => {
  it('makes a whole deployment, named by stack and construct', () => {
    const stack = ownStack();
    const sync = new Pagekeeper(stack, 'Sync', props);
    const template = Template.fromStack(stack);
    expect(sync.deployment).toBe('Mine-Sync');
    expect(sync.streams).toEqual(['ferry/crossings']);
    template.hasResourceProperties('AWS::SecretsManager::Secret', { Name: 'Mine-Sync/ferry' });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ PAGEKEEPER_DEPLOYMENT: 'Mine-Sync' }) },
    });
    expect(Object.keys(template.findResources('AWS::DynamoDB::Table'))).toHaveLength(2);
  });

  it('stands beside another one, and is told where both have one name', () => {
    const stack = ownStack();
    new Pagekeeper(stack, 'North', { ...props, lake: true });
    new Pagekeeper(stack, 'South', { ...props, lake: true, deployment: 'South' });
    const names = Object.values(Template.fromStack(stack).findResources('AWS::SecretsManager::Secret')).map(
      ({ Properties }) => (Properties as { Name: string }).Name,
    );
    expect(names).toEqual(['Mine-North/ferry', 'South/ferry']);
    expect(() => new Pagekeeper(stack, 'Third', { ...props, deployment: 'South' })).toThrow(
      'pagekeeper.deployment: must be another one, for the stack has a "South" already',
    );
    expect(() => new Pagekeeper(ownStack('A'.repeat(50)), 'Sync', props)).toThrow(
      /^pagekeeper.deployment: must be given and be 1 to 40 letters, digits and hyphens/,
    );
  });

  it('checks its settings as those of cdk.json are', () => {
    const wrong = (changed: PagekeeperProps) => () => new Pagekeeper(ownStack(), 'Sync', changed);
    expect(wrong({ ...props, retentionDays: 4 as never })).toThrow(SettingsError);
    expect(wrong({ connections: { ferry: { connector: { ...ferry, title: '' } } } })).toThrow(
      'pagekeeper.connections.ferry.connector: connector ferry, title: must be a text, not ""',
    );
    expect(wrong({ connections: { ferry: { connector: ferry, streams: { crossing: {} } } } })).toThrow(
      'unknown stream; did you mean crossings? Ferry has crossings',
    );
  });

  it('lets a function read one stream', () => {
    const stack = ownStack();
    const sync = new Pagekeeper(stack, 'Sync', props);
    sync.grantRead(role(stack), 'ferry/crossings');
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^Reader') }],
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: 'dynamodb:Query',
            Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['ferry/crossings'] } },
          }),
          Match.objectLike({
            Action: 's3:ListBucket',
            Condition: {
              StringLike: { 's3:prefix': ['changes/ferry/crossings/*', 'snapshots/ferry/crossings/*'] },
            },
          }),
          Match.objectLike({ Action: 's3:GetObject' }),
        ],
      },
    });
    expect(() => sync.grantRead(role(new Stack()), 'ferry/crossing')).toThrow(
      'pagekeeper: Mine/Sync has no stream "ferry/crossing" (did you mean ferry/crossings?); it has ferry/crossings',
    );
  });

  it('tells targets of ends and changes, of its own deployment alone', () => {
    const stack = ownStack();
    const sync = new Pagekeeper(stack, 'Sync', props);
    const target = new SqsQueue(new Queue(stack, 'Told'));
    sync.onRunEnded('Ends', target);
    sync.onRecordsChanged('Changes', 'ferry/crossings', target);
    const template = Template.fromStack(stack);
    const pattern = (detailType: string, detail: object) =>
      template.hasResourceProperties('AWS::Events::Rule', {
        EventPattern: { source: ['pagekeeper'], 'detail-type': [detailType], detail },
        Targets: [Match.anyValue()],
      });
    pattern('Run Ended', { deployment: ['Mine-Sync'] });
    pattern('Records Changed', { deployment: ['Mine-Sync'], stream: ['ferry/crossings'] });
    expect(() => sync.onRecordsChanged('More', 'bob/people', target)).toThrow('has no stream "bob/people"');
  });

  it('takes tags, aspects, a permissions boundary and a removal policy', () => {
    const stack = ownStack();
    const sync = new Pagekeeper(stack, 'Sync', { ...props, removalPolicy: RemovalPolicy.DESTROY });
    Tags.of(sync).add('team', 'data');
    PermissionsBoundary.of(sync).apply(ManagedPolicy.fromAwsManagedPolicyName('PowerUserAccess'));
    const seen: string[] = [];
    Aspects.of(sync).add({
      visit: (node) => {
        if (CfnResource.isCfnResource(node)) seen.push(node.cfnResourceType);
      },
    });
    const template = Template.fromStack(stack);
    template.allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Delete' });
    template.allResourcesProperties('AWS::DynamoDB::Table', { Tags: [{ Key: 'team', Value: 'data' }] });
    template.allResourcesProperties('AWS::IAM::Role', { PermissionsBoundary: Match.anyValue() });
    expect(seen).toContain('AWS::Lambda::Function');
    const kept = ownStack();
    new Pagekeeper(kept, 'Sync', { ...props, stage: 'dev', removalPolicy: RemovalPolicy.RETAIN });
    Template.fromStack(kept).allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Retain' });
  });

  it('puts into nested stacks the connections for which the stack has no room', () => {
    const stack = ownStack();
    for (let index = 0; index < 300; index += 1)
      new CfnResource(stack, `Other${index}`, { type: 'AWS::SNS::Topic' });
    new Pagekeeper(
      stack,
      'Sync',
      many(5, () => undefined),
    );
    const nested = stack.node.findAll().filter((one) => NestedStack.isNestedStack(one));
    expect(nested.length).toBeGreaterThan(0);
    expect(nested.length).toBeLessThan(5);
    expect(Object.keys(Template.fromStack(stack).toJSON()['Resources'] as object).length).toBeLessThanOrEqual(
      500,
    );
  });
});
