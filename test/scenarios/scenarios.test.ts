import { beforeAll, describe, expect, it } from 'vitest';

import { alarmKinds, runbookSection, type AlarmKind } from '../../lib/on-call/alarm-kinds.ts';
import { secretPlaceholder } from '../../lib/sync/credentials.ts';
import { AlarmWorld } from './alarm-world.ts';
import { deploymentOf, type Deployment } from './deployment.ts';
import { scenarios, well } from './scenarios.ts';
import { ownLetters, settle, tellQuietDay, tellScenario } from './tell-scenario.ts';
import type { Notice } from './topics.ts';

let deployment: Deployment;

beforeAll(() => {
  deployment = deploymentOf({ connections: { mobaro: { streams: { users: {} } } } });
});

/** As `page PAGE`: to whom, and how the subject begins. */
const beginningOf = ({ severity, subject }: Notice): string => `${severity} ${subject?.split(' ')[0] ?? ''}`;

describe('the story of an alarm', () => {
  it.each(scenarios)('$kind: $cause', async (scenario) => {
    const { alarm, kind, within, says, saysAtEnd = [], also = [] } = scenario;
    const { severity } = alarmKinds[kind];
    const story = await tellScenario(scenario, deployment);
    const { notices } = story;
    const { sent = [`${severity} ${severity.toUpperCase()}`, `${severity} OVER`] } = scenario;

    // People: once each, however long it lasts, and of nothing that only follows from it.
    const people = notices.filter(({ to }) => to === 'people');
    expect(people.map(beginningOf)).toEqual(sent);
    for (const { subject } of people) expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
    const letters = ownLetters(scenario, notices);
    const texts = letters.map(({ text, json, alarm: name }) =>
      name === null
        ? text.replaceAll(/\n */g, ' ')
        : (JSON.parse(json) as Record<string, string>)['AlarmDescription'],
    );
    for (const part of says) expect(texts[0]).toContain(part);
    for (const part of saysAtEnd) expect(texts.at(-1)).toContain(part);
    for (const text of texts) expect(text).toContain('docs/runbook.md#');
    expect(texts[0]).toContain(`docs/runbook.md#${runbookSection(kind)}`);
    expect(people.map(({ by }) => by)).not.toContain('watchdog');

    // Machines: what CloudWatch says, and for what is stored the same once more in words.
    const machines = notices.filter(({ to, by }) => to === 'machines' && by === 'alarm');
    const names = [alarm, ...also].map((name) => `Pagekeeper ${name}`);
    expect(machines.map((notice) => `${String(notice.alarm)} ${String(notice.state)}`).sort()).toEqual(
      names.flatMap((name) => [`${name} ALARM`, `${name} OK`]).sort(),
    );
    for (const notice of notices.filter(({ to, by }) => to === 'machines' && by === 'teller')) {
      expect(machines.map((one) => [one.alarm, one.state])).toContainEqual([notice.alarm, notice.state]);
    }

    const minutes = (seconds: number): number => seconds / 60;
    expect(minutes(story.toAlarm - story.toWrong)).toBeLessThanOrEqual(within?.alarm ?? 6);
    expect(minutes(story.toOk - story.toWell)).toBeLessThanOrEqual(within?.ok ?? 6);
    expect(minutes(story.toMessage - story.toAlarm)).toBeLessThanOrEqual(2);
    expect(minutes(story.toEnd - story.toOk)).toBeLessThanOrEqual(2);
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
    expect(world.letters).toEqual([]);
  });

  it('while a vendor is away for ten minutes, with attempts left', async () => {
    const world = new AlarmWorld(deployment, { vendor: well });
    await settle(world);
    const { length } = world.notices;
    world.sync.vendor.handle(() => ({ status: 503, headers: { 'retry-after': '150' } }));
    await world.pass(10);
    world.sync.vendor.handle(well);
    await world.pass(120);
    expect(world.notices.slice(length)).toEqual([]);
  });
});

describe('a secret that was never filled in', () => {
  it('is a ticket, and no stream of it is stale as well', async () => {
    const world = new AlarmWorld(deployment, { vendor: well, secret: { apiKey: secretPlaceholder } });
    await world.pass(6 * 60);
    expect(world.letters.map(beginningOf)).toEqual(['ticket TICKET']);
    expect(world.sync.vendor.requests).toEqual([]);
  });
});
