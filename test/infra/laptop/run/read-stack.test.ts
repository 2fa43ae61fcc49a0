import { describe, expect, it } from 'vitest';

import { readStack } from '../../../../infra/laptop/run/read-stack.ts';
import { handMade, lambdaFunction, settingsWith } from '../../hand-made.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const schedule = (Input: string) => ({
  Type: 'AWS::Scheduler::Schedule',
  Properties: {
    ScheduleExpression: 'rate(5 minutes)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: { 'Fn::GetAtt': ['Sync', 'Arn'] }, Input, RoleArn: 'x' },
  },
});

async function templateWith(folder: string, variables: Record<string, unknown>, settings?: string) {
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
    settings,
  );
}

const tables = { PAGEKEEPER_CHECKPOINTS_TABLE: 'checkpoints', PAGEKEEPER_RECORDS_TABLE: 'records' };

describe('what the functions of a template go by', () => {
  it('is their connections and tables, beside the schedules of streams and of the watchdog', async () => {
    await using folder = await temporaryFolder();
    const settings = settingsWith({
      users: { gapSeconds: 900 },
      webhooks: { gapSeconds: 900, continuation: 'nextTick' },
    });
    const template = await templateWith(folder.path, tables, settings);
    const [users, rounds] = template.schedules;
    expect(readStack(template)).toEqual({
      template,
      settings: JSON.parse(settings) as unknown,
      connections: [
        {
          name: 'mobaro',
          streams: ['mobaro/users', 'mobaro/webhooks'],
          nextTickStreams: ['mobaro/webhooks'],
          limits: [
            { stream: 'mobaro/users', scope: 'mobaro', terms: { published: null, chosen: null } },
            { stream: 'mobaro/webhooks', scope: 'mobaro', terms: { published: null, chosen: null } },
          ],
          secretName: 'pagekeeper/mobaro',
        },
      ],
      ticks: [{ stream: 'mobaro/users', schedule: users }],
      rounds: [rounds],
      checkpointsTable: 'checkpoints',
      recordsTable: 'records',
      changesBucket: null,
      topicsOfPeople: [],
    });
  });

  it.each([
    [
      'settings that their own code could not read',
      tables,
      '{"connections":[]}',
      'The settings beside Sync cannot be read',
    ],
    ['no table', {}, settingsWith(), 'is told its PAGEKEEPER_CHECKPOINTS_TABLE'],
  ])('is refused with %s', async (_, variables, settings, problem) => {
    await using folder = await temporaryFolder();
    const template = await templateWith(folder.path, variables, settings);
    expect(() => readStack(template)).toThrow(problem);
  });
});
