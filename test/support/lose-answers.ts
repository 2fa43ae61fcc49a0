import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * Makes the client believe that the connection broke after the server did its work, so many times.
 * @param only of these commands, such as `DeleteItemCommand`; left out, of all
 */
export function loseAnswers(client: DynamoDBClient, times: number, only?: string): void {
  let left = times;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const { commandName } = context as { commandName?: string };
      if (only !== undefined && commandName !== only) return next(args);
      // A failure on the server's side, such as a condition that does not hold, is lost as well.
      const outcome = await next(args).then(
        (value) => () => value,
        (error: unknown) => () => {
          throw error;
        },
      );
      if (left-- > 0) throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
      return outcome();
    },
    { step: 'deserialize', priority: 'high', name: 'loseAnswers' },
  );
}
