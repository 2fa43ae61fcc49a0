import type { SeenRequest } from '../support/http-server.ts';

const passedOn = ['content-type', 'x-amz-target', 'x-amz-date', 'authorization'];

/**
 * What the DynamoDB behind a proxy answers to a request. The embedded one looks at no signature, so the proxy may change the body.
 * @param behind its endpoint
 */
export async function answerFrom(
  behind: string,
  { method, headers, body }: SeenRequest,
): Promise<{ readonly status: number; readonly headers: { 'content-type': string }; readonly body: Buffer }> {
  const answer = await fetch(behind, {
    method,
    headers: passedOn.map((name): [string, string] => [name, String(headers[name])]),
    body,
  });
  return {
    status: answer.status,
    headers: { 'content-type': answer.headers.get('content-type') ?? '' },
    body: Buffer.from(await answer.arrayBuffer()),
  };
}
