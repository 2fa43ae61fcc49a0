/** Which partitions of which tables a request to DynamoDB names, as IAM sees them. */

export type DynamoDbInput = Readonly<Record<string, unknown>>;
type Attributes = Readonly<Record<string, { readonly S?: string }>>;
type Batch =
  | { readonly Keys: readonly Attributes[] }
  | readonly { readonly PutRequest?: { Item: Attributes }; readonly DeleteRequest?: { Key: Attributes } }[];

/** @param operation for an error @throws Error where no partition is named, or in a way that is not known here */
export function partitionsNamed(
  input: DynamoDbInput,
  operation: string,
): readonly { readonly table: string; readonly partitions: readonly string[] }[] {
  const { RequestItems: batches } = input as { RequestItems?: Readonly<Record<string, Batch>> };
  if (batches === undefined) {
    return [{ table: String(input['TableName']), partitions: partitionsOf(input, operation) }];
  }
  return Object.entries(batches).map(([table, batch]) => {
    const keys =
      'Keys' in batch
        ? batch.Keys
        : batch.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key);
    return { table, partitions: keys.map((key) => partitionOf(key, operation)) };
  });
}

function partitionsOf(input: DynamoDbInput, operation: string): readonly string[] {
  const { KeyConditionExpression: condition } = input as { KeyConditionExpression?: string };
  if (condition === undefined) {
    return [partitionOf((input['Key'] ?? input['Item']) as Attributes | undefined, operation)];
  }
  const [, placeholder = ''] = /^#stream = (:\w+)/.exec(condition) ?? [];
  const values = input['ExpressionAttributeValues'] as Attributes;
  return [partitionOf({ stream: values[placeholder] ?? {} }, operation)];
}

/** Whoever names none, or in a way that is not known here, is not to be taken for somebody who may. */
function partitionOf(key: Attributes | undefined, operation: string): string {
  const partition = (key?.['pk'] ?? key?.['stream'])?.S;
  if (partition === undefined) throw new Error(`No partition in a ${operation}`);
  return partition;
}

/** As `StringLike` and the resources of a policy have it, but for question marks. */
export function like(pattern: string, value: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(value);
}
