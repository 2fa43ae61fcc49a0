import { PutItemCommand, ScanCommand, type AttributeValue } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { ListSubscriptionsByTopicCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';

import { logicalIdOf, queueIdOf, topicIdOf } from '../../infra/settings/names.ts';
import { secretPlaceholder } from '../../lib/sync/credentials.ts';
import { storedLines } from '../support/stored-lines.ts';
import type { Account } from './account.ts';
import { ownTables, physicalIdOf } from './as-expected.ts';
import type { StackResource } from './stacks.ts';

/** What a deployment holds that nobody could make again. */
export interface Holdings {
  /** Values and versions: a value that was generated anew has another one. */
  readonly secrets: readonly { readonly value: string; readonly version: string }[];
  readonly checkpoints: readonly Item[];
  readonly records: readonly Item[];
  readonly messages: { readonly dead: readonly string[]; readonly waiting: string };
  readonly subscriptions: readonly string[];
}

type Item = Readonly<Record<string, AttributeValue>>;

const connections = ['mobaro', 'bob'];

/** Puts into a deployment of the default settings what a person and a run under way put there. */
export async function fill(account: Account, there: readonly StackResource[]): Promise<void> {
  const tables = ownTables(there);
  for (const secret of secretsIn(there)) {
    const { SecretString = '{}' } = await account.secrets.send(
      new GetSecretValueCommand({ SecretId: secret }),
    );
    const filled = Object.entries(JSON.parse(SecretString) as Record<string, string>).map(
      ([field, value]) => {
        return [field, value === secretPlaceholder ? `made up for ${field}` : value] as const;
      },
    );
    const value = JSON.stringify(Object.fromEntries(filled));
    await account.secrets.send(new PutSecretValueCommand({ SecretId: secret, SecretString: value }));
  }
  const pages = physicalIdOf(there, queueIdOf('mobaro', 'Pages'));
  const dead = physicalIdOf(there, queueIdOf('mobaro', 'DeadLetters'));
  for (const line of storedLines('version-2')) {
    if ('item' in line) {
      const command = new PutItemCommand({ TableName: tables[line.table], Item: line.item });
      await account.dynamoDb.send(command);
      continue;
    }
    const { message } = line;
    // As a re-drive, which stays where it is until long after the end; and as one that has been given up.
    await account.sqs.send(
      new SendMessageCommand({ QueueUrl: pages, MessageBody: message, DelaySeconds: 900 }),
    );
    await account.sqs.send(new SendMessageCommand({ QueueUrl: dead, MessageBody: message }));
  }
  for (const severity of ['page', 'ticket'] as const) {
    await account.sns.send(
      new SubscribeCommand({
        TopicArn: physicalIdOf(there, topicIdOf(severity)),
        Protocol: 'email',
        Endpoint: 'by-hand@example.com',
      }),
    );
  }
}

/** Takes nothing away: a message that is looked at is visible again at once. */
export async function holdingsOf(account: Account, there: readonly StackResource[]): Promise<Holdings> {
  const tables = ownTables(there);
  const secrets = secretsIn(there).map(async (secret) => {
    const { SecretString, VersionId } = await account.secrets.send(
      new GetSecretValueCommand({ SecretId: secret }),
    );
    return { value: SecretString ?? '', version: VersionId ?? '' };
  });
  const { Messages = [] } = await account.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: physicalIdOf(there, queueIdOf('mobaro', 'DeadLetters')),
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
    }),
  );
  const { Attributes = {} } = await account.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: physicalIdOf(there, queueIdOf('mobaro', 'Pages')),
      AttributeNames: ['ApproximateNumberOfMessagesDelayed'],
    }),
  );
  const subscriptions = (['page', 'ticket'] as const).map(async (severity) => {
    const { Subscriptions = [] } = await account.sns.send(
      new ListSubscriptionsByTopicCommand({ TopicArn: physicalIdOf(there, topicIdOf(severity)) }),
    );
    return Subscriptions.map(({ Endpoint }) => `${severity}: ${Endpoint ?? ''}`);
  });
  return {
    secrets: await Promise.all(secrets),
    checkpoints: await itemsOf(account, tables.checkpoints),
    records: await itemsOf(account, tables.records),
    messages: {
      dead: Messages.map(({ Body }) => Body ?? ''),
      waiting: Attributes['ApproximateNumberOfMessagesDelayed'] ?? '',
    },
    subscriptions: (await Promise.all(subscriptions)).flat(),
  };
}

function secretsIn(there: readonly StackResource[]): readonly string[] {
  return connections.map((name) => physicalIdOf(there, logicalIdOf(`Connection-${name}`, 'Secret')));
}

async function itemsOf(account: Account, table: string): Promise<readonly Item[]> {
  const { Items = [], LastEvaluatedKey } = await account.dynamoDb.send(
    new ScanCommand({ TableName: table, ConsistentRead: true }),
  );
  if (LastEvaluatedKey !== undefined) throw new Error(`There is more than a page in ${table}`);
  const keyOf = ({ pk, stream, id }: Item) => JSON.stringify([pk, stream, id]);
  return Items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
