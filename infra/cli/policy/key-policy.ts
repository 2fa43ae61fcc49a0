import { logGroupNameOf } from '../../../lib/on-call/log-groups.ts';
import { hostOf, type KeyService, type KmsKey } from '../../settings/kms-key.ts';
import { arnOf } from './deployed-names.ts';
import type { Statement } from './policy-document.ts';

/** All that keep something of a deployment. */
const services: readonly KeyService[] = ['dynamodb', 'logs', 's3', 'secretsmanager', 'sns', 'sqs'];
/** Those that keep the permission that they were given, for what they do by themselves. */
const grantees: readonly KeyService[] = ['dynamodb', 'secretsmanager'];

/**
 * What has to stand in the policy of a key so that a deployment can use it: its roles and people by their own policies, as far
 * as a service asks for them, and the two services that come by themselves. Pure.
 *
 * @param account that of the deployment
 */
export function keyPolicyFor(key: KmsKey, stack: string, account: string): readonly Statement[] {
  const { partition, region } = key;
  const via = (asked: readonly KeyService[]) => ({
    'kms:CallerAccount': account,
    'kms:ViaService': asked.map((service) => hostOf(key, service)),
  });
  const ofAccount = { AWS: `arn:${partition}:iam::${account}:root` };
  return [
    {
      ...{ Sid: 'PagekeeperRoles', Effect: 'Allow', Principal: ofAccount },
      Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      Resource: ['*'],
      Condition: { StringEquals: via(services) },
    },
    {
      ...{ Sid: 'PagekeeperGrants', Effect: 'Allow', Principal: ofAccount },
      Action: ['kms:CreateGrant'],
      Resource: ['*'],
      Condition: { StringEquals: via(grantees), Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    },
    {
      ...{ Sid: 'PagekeeperAlarms', Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: ['*'],
      Condition: { StringEquals: { 'aws:SourceAccount': account } },
    },
    {
      ...{ Sid: 'PagekeeperLogs', Effect: 'Allow', Principal: { Service: hostOf(key, 'logs') } },
      Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncrypt*'],
      Resource: ['*'],
      Condition: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': arnOf(
            { partition, region, account },
            'logs',
            `log-group:${logGroupNameOf(stack, null, '*')}`,
          ),
        },
      },
    },
  ];
}
