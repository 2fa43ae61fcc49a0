import type { Context } from 'aws-lambda';

/** What Lambda tells a function of its invocation, as far as the functions look at it. */
export const lambdaContext = {
  awsRequestId: 'request-1',
  functionName: 'test',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:test',
  memoryLimitInMB: '512',
  getRemainingTimeInMillis: () => 30_000,
} as Context;
