import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Makes the client believe that the connection broke after the server did its work, so many times. */
export function loseAnswers(client: DynamoDBClient, times: number): void {
  let left = times;
  client.middlewareStack.add(
    (next) => async (args) => {
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
