import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { Policy, PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';
import { CfnQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

import { hostOf, type KeyService, type KmsKey } from '../settings/kms-key.ts';

/** Which services use a key for a role: to read, and to write, which is to read as well. */
export interface KeyUse {
  readonly reads: readonly KeyService[];
  readonly writes: readonly KeyService[];
}

/**
 * What a role may do with a key that is not the stack's own: what those services keep, and nothing that it would encrypt or
 * decrypt itself. A policy of its own, that refers to nothing that is encrypted, so that it can be there before.
 */
export class KeyPolicy extends Policy {
  constructor(scope: Construct, id: string, role: IRole, key: KmsKey, { reads, writes }: KeyUse) {
    const via = (action: string, services: readonly KeyService[]): PolicyStatement =>
      new PolicyStatement({
        actions: [action],
        resources: [key.arn],
        conditions: {
          StringEquals: { 'kms:ViaService': [...services].sort().map((service) => hostOf(key, service)) },
        },
      });
    super(scope, id, {
      roles: [role],
      statements: [
        via('kms:Decrypt', [...new Set([...reads, ...writes])]),
        via('kms:GenerateDataKey', writes),
      ],
    });
  }
}

/** What a key of somebody else's encrypts. */
const encryptedTypes = [CfnTable, CfnBucket, CfnSecret, CfnLogGroup, CfnQueue, CfnTopic];

/**
 * Lets nothing be encrypted before all roles may use the key. Left to itself, CloudFormation would update their policies last,
 * for those refer to tables and queues; and until then every function would fail.
 */
export function encryptOnceAllMayDecrypt(deployment: Construct): void {
  const all = deployment.node.findAll();
  const stack = Stack.of(deployment);
  const policies = all.flatMap((one) => {
    const resource = one instanceof KeyPolicy ? one.node.defaultChild : undefined;
    // What waits for a nested stack cannot be what it is given.
    return resource !== undefined && CfnResource.isCfnResource(resource) && resource.stack === stack
      ? [resource]
      : [];
  });
  for (const one of all) {
    if (!CfnResource.isCfnResource(one) || !encryptedTypes.some((type) => one instanceof type)) continue;
    for (const policy of policies)
      if (mayReach(partOf(deployment, policy), partOf(deployment, one))) one.addResourceDependency(policy);
  }
}

/** The part of the deployment that something belongs to: `Connection-mobaro`, `Tables`. */
function partOf(deployment: Construct, resource: CfnResource): string {
  return resource.node.scopes[deployment.node.scopes.length]?.node.id ?? '';
}

/** No connection reaches what is another's; without that, twenty of them would fill the template with dependencies. */
function mayReach(from: string, to: string): boolean {
  const isConnection = (part: string): boolean => part.startsWith('Connection-');
  return from === to || !isConnection(from) || !isConnection(to);
}
