import { beforeAll, describe, expect, it } from 'vitest';

import { alarmKinds, runbookSection, type AlarmKind } from '../../lib/on-call/alarm-kinds.ts';
import { secretPlaceholder } from '../../lib/sync/credentials.ts';
import { AlarmWorld, deploymentOf, type Deployment } from './alarm-world.ts';
import { scenarios, well } from './scenarios.ts';
import { tellQuietDay, tellScenario } from './tell-scenario.ts';

let deployment: Deployment;

beforeAll(() => {
  deployment = deploymentOf({ connections: { mobaro: { streams: { users: {} } } } });
});

describe('the story of an alarm', () => {
  it.each(scenarios)('$kind: $cause', async (scenario) => {
    const { alarm, kind, within, says, also = [] } = scenario;
    const { toAlarm, toOk, notices, others } = await tellScenario(scenario, deployment);
    const name = `Pagekeeper ${alarm}`;
    const { severity } = alarmKinds[kind];
    // Once each, however long it lasts, and of nothing that only follows from it.
    expect(notices.map((notice) => [notice.alarm, notice.state, notice.severity])).toEqual([
      [name, 'ALARM', severity],
      [name, 'OK', severity],
    ]);
    expect(others.map((notice) => [notice.alarm, notice.state])).toEqual(
      also.flatMap((other) => ['ALARM', 'OK'].map((state) => [`Pagekeeper ${other}`, state])),
    );
    expect(toAlarm.virtual).toBeLessThanOrEqual(60 * (within?.alarm ?? 6));
    expect(toOk.virtual).toBeLessThanOrEqual(60 * (within?.ok ?? 6));
    for (const { message } of notices) {
      const told = JSON.parse(message) as Record<string, string>;
      expect(told).toMatchObject({
        AlarmName: name,
        AlarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${name}`,
        AWSAccountId: '000000000000',
        NewStateReason: expect.any(String),
        StateChangeTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+\+0000$/),
      });
      for (const part of says) expect(told['AlarmDescription']).toContain(part);
      expect(told['AlarmDescription']).toMatch(
        new RegExp(`Runbook: docs/runbook\\.md#${runbookSection(kind)}$`),
      );
    }
    expect(
      notices.map(({ message }) => (JSON.parse(message) as Record<string, string>)['OldStateValue']),
    ).toEqual(['OK', 'ALARM']);
  });

  it('is told of every kind', () => {
    const told = new Set<AlarmKind>(scenarios.map(({ kind }) => kind));
    expect([...told].sort()).toEqual(Object.keys(alarmKinds).sort());
  });
});

describe('nobody is told anything', () => {
  it('on a day on which one request in five fails, with 429, 503 or no answer', async () => {
    const day = await tellQuietDay(deployment);
    expect(day.requests).toBeGreaterThan(1000);
    expect(day).toMatchObject({ notices: [], inAlarm: [] });
    expect((day.throttled + day.unanswered) / day.requests).toBeCloseTo(1 / 5, 2);
  });

  it('at the first deployment, before anything has been measured', async () => {
    const world = new AlarmWorld(deployment, { vendor: well });
    await world.pass(30);
    expect(world.notices).toEqual([]);
  });

  it('while a vendor is away for ten minutes, with attempts left', async () => {
    const world = new AlarmWorld(deployment, { vendor: well });
    await world.pass(60);
    world.sync.vendor.handle(() => ({ status: 503, headers: { 'retry-after': '150' } }));
    await world.pass(10);
    world.sync.vendor.handle(well);
    await world.pass(120);
    expect(world.notices).toEqual([]);
  });
});

describe('a secret that was never filled in', () => {
  it('is a ticket, and no stream of it is stale as well', async () => {
    const world = new AlarmWorld(deployment, { vendor: well, secret: { apiKey: secretPlaceholder } });
    await world.pass(6 * 60);
    expect(world.notices).toMatchObject([{ alarm: 'Pagekeeper mobaro unconfigured', severity: 'ticket' }]);
    expect(world.sync.vendor.requests).toEqual([]);
  });
});
