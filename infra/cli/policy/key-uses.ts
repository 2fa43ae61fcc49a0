import { hostOf, type KeyService, type KmsKey } from '../../settings/kms-key.ts';
import type { Action, Need } from './needs.ts';
import type { Statement } from './policy-document.ts';

type KeyAction = 'kms:Decrypt' | 'kms:GenerateDataKey';

const none: readonly KeyAction[] = [];
const reads: readonly KeyAction[] = ['kms:Decrypt'];
/** A service makes sure that what it has got can be decrypted again. */
const writes: readonly KeyAction[] = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** What the service that is called asks of KMS for the caller, where a key of the account encrypts what it keeps. */
const keyUses: Readonly<Record<Action, readonly KeyAction[]>> = {
  'cloudformation:DescribeStacks': none,
  'cloudformation:GetTemplateSummary': none,
  'cloudformation:ListStackResources': none,
  // A table has a key of its own, which was made with the table: each read and write has it decrypted.
  'dynamodb:GetItem': reads,
  'dynamodb:BatchGetItem': reads,
  'dynamodb:UpdateItem': reads,
  'dynamodb:Query': reads,
  'dynamodb:DeleteItem': reads,
  'dynamodb:DescribeTable': none,
  'dynamodb:DescribeTimeToLive': none,
  'dynamodb:DescribeContinuousBackups': none,
  'sqs:SendMessage': writes,
  'sqs:ReceiveMessage': reads,
  'sqs:GetQueueAttributes': none,
  'sqs:ChangeMessageVisibility': none,
  'sqs:DeleteMessage': none,
  'secretsmanager:GetSecretValue': reads,
  'secretsmanager:PutSecretValue': writes,
  'sns:ListSubscriptionsByTopic': none,
  'sns:ConfirmSubscription': none,
  // The alarm that it sets off publishes by itself.
  'cloudwatch:DescribeAlarms': none,
  'cloudwatch:SetAlarmState': none,
  'cloudwatch:PutAlarmMuteRule': none,
  'cloudwatch:DeleteAlarmMuteRule': none,
  's3:ListBucket': none,
  's3:GetObject': reads,
  's3:PutObject': writes,
  's3:DeleteObject': none,
  // CloudWatch Logs decrypts for whoever may read.
  'logs:FilterLogEvents': none,
  'lambda:GetAccountSettings': none,
};

/** What somebody with these needs has to be allowed of the deployment's key. Pure. */
export function keyStatementsFor(needs: readonly Need[], key: KmsKey): readonly Statement[] {
  const actions = [...new Set(needs.flatMap((need): readonly Action[] => need.actions))];
  return writes.flatMap((use) => {
    const hosts = actions
      .filter((action) => keyUses[action].includes(use))
      .map((action) => hostOf(key, action.split(':')[0] as KeyService));
    if (hosts.length === 0) return [];
    return [
      {
        Sid: `Key${use.replace('kms:', '')}`,
        Effect: 'Allow' as const,
        Action: [use],
        Resource: [key.arn],
        Condition: { StringEquals: { 'kms:ViaService': [...new Set(hosts)].sort() } },
      },
    ];
  });
}
