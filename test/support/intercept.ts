import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface SentCommand {
  /** For instance `BatchWriteItemCommand`. */
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * Sees each command before it is sent, retries aside, and may change what comes back.
 * @param change undefined leaves the answer as it is.
 */
export function intercept(
  client: DynamoDBClient,
  change: (sent: SentCommand, output: Record<string, unknown>) => Record<string, unknown> | undefined = () =>
    undefined,
): SentCommand[] {
  const seen: SentCommand[] = [];
  client.middlewareStack.add(
    (next, context) => async (args) => {
      // The SDK gives each command types of its own; here they are JSON.
      const sent = {
        command: (context as { commandName?: string }).commandName ?? '',
        input: structuredClone(args.input) as unknown as Record<string, unknown>,
      };
      seen.push(sent);
      const result = await next(args);
      const output = change(sent, result.output as unknown as Record<string, unknown>);
      return output === undefined ? result : { ...result, output: output as unknown as typeof result.output };
    },
    { step: 'initialize', name: 'intercept' },
  );
  return seen;
}
