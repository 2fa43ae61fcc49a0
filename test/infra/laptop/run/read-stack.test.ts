import { describe, expect, it } from 'vitest';

import { readStack } from '../../../../infra/laptop/run/read-stack.ts';
import { connections, handMade, lambdaFunction, temporaryFolder } from '../../hand-made.ts';

const schedule = (Input: string) => ({
  Type: 'AWS::Scheduler::Schedule',
  Properties: {
    ScheduleExpression: 'rate(5 minutes)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: { 'Fn::GetAtt': ['Sync', 'Arn'] }, Input, RoleArn: 'x' },
  },
});

async function templateWith(folder: string, variables: Record<string, unknown>) {
  return handMade(
    folder,
    {
      Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 180 } },
      Secret: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'pagekeeper/mobaro' } },
      Sync: lambdaFunction('sync', { Environment: { Variables: variables } }),
      Users: schedule('{"stream":"mobaro/users"}'),
      Rounds: schedule('{}'),
    },
    { sync: 'export const handler = () => null;' },
  );
}

const tables = { PAGEKEEPER_CHECKPOINTS_TABLE: 'checkpoints', PAGEKEEPER_RECORDS_TABLE: 'records' };

describe('what the functions of a template are told', () => {
  it('is their connections and tables, beside the schedules of streams and of the watchdog', async () => {
    await using folder = await temporaryFolder();
    const template = await templateWith(folder.path, {
      ...tables,
      PAGEKEEPER_DEPLOYMENT: { Ref: 'AWS::StackName' },
      PAGEKEEPER_CONNECTIONS: connections(
        { Ref: 'Queue' },
        { Ref: 'Secret' },
        { users: { gapSeconds: 900 }, webhooks: { gapSeconds: 900, continuation: 'nextTick' } },
      ),
    });
    const [users, rounds] = template.schedules;
    expect(readStack(template)).toEqual({
      template,
      connections: [
        {
          name: 'mobaro',
          streams: ['mobaro/users', 'mobaro/webhooks'],
          nextTickStreams: ['mobaro/webhooks'],
          limits: [
            { stream: 'mobaro/users', scope: 'mobaro', terms: { published: null, chosen: null } },
            { stream: 'mobaro/webhooks', scope: 'mobaro', terms: { published: null, chosen: null } },
          ],
          secretId: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:pagekeeper/mobaro-laptop',
        },
      ],
      ticks: [{ stream: 'mobaro/users', schedule: users }],
      rounds: [rounds],
      checkpointsTable: 'checkpoints',
      recordsTable: 'records',
    });
  });

  it.each([
    [
      'connections that their own code could not read',
      { ...tables, PAGEKEEPER_CONNECTIONS: '[]' },
      'The environment of Sync cannot be read',
    ],
    ['no table', {}, 'is told its PAGEKEEPER_CHECKPOINTS_TABLE'],
  ])('is refused with %s', async (_, variables, problem) => {
    await using folder = await temporaryFolder();
    const template = await templateWith(folder.path, variables);
    expect(() => readStack(template)).toThrow(problem);
  });
});
