import { setTimeout as sleep } from 'node:timers/promises';

import {
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';

import { region, type Account } from './account.ts';
import type { StackTemplate } from './gaps.ts';

export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  /** The logical id of the nested stack that it is in; null in the stack itself. */
  readonly nestedIn: string | null;
}

const pollMs = 200;

/** @throws Error with what the server said of the resources that failed, unless it ends as a stack that is made does */
export async function createStack(account: Account, name: string, template: StackTemplate): Promise<void> {
  await account.cloudFormation.send(new CreateStackCommand(await requestFor(account, name, template)));
  await untilItIs('CREATE_COMPLETE', account, name);
}

/** @throws Error likewise */
export async function updateStack(account: Account, name: string, template: StackTemplate): Promise<void> {
  await account.cloudFormation.send(new UpdateStackCommand(await requestFor(account, name, template)));
  await untilItIs('UPDATE_COMPLETE', account, name);
}

/** Leaves what the template retains. @throws Error likewise */
export async function deleteStack(account: Account, name: string): Promise<void> {
  const { Stacks = [] } = await account.cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
  // Behind its id it can be seen when it is gone, too.
  const id = Stacks[0]?.StackId ?? name;
  await account.cloudFormation.send(new DeleteStackCommand({ StackName: name }));
  await untilItIs('DELETE_COMPLETE', account, id);
}

/** All of them, those of nested stacks too. */
export async function resourcesOf(account: Account, name: string): Promise<readonly StackResource[]> {
  const own = await listed(account, name, null);
  const nested = own.filter(({ type }) => type === 'AWS::CloudFormation::Stack');
  const others = await Promise.all(
    nested.map(({ physicalId, logicalId }) => listed(account, physicalId, logicalId)),
  );
  return [...own, ...others.flat()];
}

/** By way of S3: beyond 51,200 bytes CloudFormation takes a template in no other way. */
async function requestFor(account: Account, name: string, template: StackTemplate) {
  const key = `${name}.template.json`;
  await account.putAsset(key, Buffer.from(JSON.stringify(template)));
  return {
    StackName: name,
    TemplateURL: `https://s3.${region}.amazonaws.com/${account.assetBucket}/${key}`,
    Capabilities: ['CAPABILITY_IAM' as const, 'CAPABILITY_NAMED_IAM' as const],
  };
}

async function untilItIs(wanted: string, account: Account, name: string): Promise<void> {
  for (;;) {
    const { Stacks = [] } = await account.cloudFormation.send(new DescribeStacksCommand({ StackName: name }));
    const status = Stacks[0]?.StackStatus ?? 'gone';
    if (status === wanted) return;
    if (!status.endsWith('_IN_PROGRESS'))
      throw new Error(`${name} is ${status}: ${await failuresOf(account, name)}`);
    await sleep(pollMs);
  }
}

async function failuresOf(account: Account, name: string): Promise<string> {
  const { StackEvents = [] } = await account.cloudFormation.send(
    new DescribeStackEventsCommand({ StackName: name }),
  );
  const failed = StackEvents.filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED'));
  return failed
    .map((event) => `${event.LogicalResourceId ?? ''}: ${event.ResourceStatusReason ?? ''}`)
    .join('; ');
}

async function listed(account: Account, name: string, nestedIn: string | null): Promise<StackResource[]> {
  const resources: StackResource[] = [];
  let token: string | undefined;
  do {
    const { StackResourceSummaries = [], NextToken } = await account.cloudFormation.send(
      new ListStackResourcesCommand({ StackName: name, ...(token !== undefined && { NextToken: token }) }),
    );
    for (const one of StackResourceSummaries) {
      resources.push({
        logicalId: one.LogicalResourceId ?? '',
        physicalId: one.PhysicalResourceId ?? '',
        type: one.ResourceType ?? '',
        status: one.ResourceStatus ?? '',
        nestedIn,
      });
    }
    token = NextToken;
  } while (token !== undefined);
  return resources;
}
