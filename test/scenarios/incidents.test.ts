import { beforeAll, describe, expect, it } from 'vitest';

import type { AlarmWorld } from './alarm-world.ts';
import type { Deployment } from './deployment.ts';
import {
  deploymentOfFour,
  failuresOfTelling,
  fourStreams,
  incidentStories,
  liveIncident,
  type IncidentStory,
} from './incident-stories.ts';
import type { Notice } from './topics.ts';

const minuteMs = 60_000;
let deployment: Deployment;

beforeAll(() => {
  deployment = deploymentOfFour();
});

const subjectOf = ({ severity, subject }: Notice): string => `${severity} ${subject ?? '(no subject)'}`;
const isToPeople = ({ to }: Notice): boolean => to === 'people';

async function liveAndCheck(story: IncidentStory): Promise<readonly Notice[]> {
  const { world, since, notices } = await liveIncident(story, deployment);
  const people = notices.filter(isToPeople);
  expect(people.map(subjectOf)).toEqual(story.told.map(({ subject }) => subject));
  for (const [
    index,
    { by, says = [], hides = [], between: [from, to] = [0, Infinity] },
  ] of story.told.entries()) {
    const { at, text, by: publisher } = people[index]!;
    const words = text.replaceAll(/\n */g, ' ');
    for (const part of says) expect(words).toContain(part);
    for (const part of hides) expect(words).not.toContain(part);
    if (by !== undefined) expect(publisher).toBe(by);
    const minutes = (at - since) / minuteMs;
    expect(minutes).toBeGreaterThanOrEqual(from);
    expect(minutes).toBeLessThanOrEqual(to);
  }
  // Who is told that all go on can rely on it.
  const end = people.find(({ text }) => text.includes('all 4 streams go on'));
  if (end !== undefined)
    for (const stream of fourStreams) expect(hasCalledLately(world, stream, end.at)).toBe(true);
  if (story.pagers === undefined) return people;
  const pagers = notices.filter(({ to, by }) => to === 'machines' && by === 'alarm');
  expect(pagers.map(({ alarm, state }) => `${alarm!} ${state!}`)).toEqual(
    story.pagers.map((one) => `Pagekeeper mobaro ${one}`),
  );
  return people;
}

/** What stood still for long has called again. */
function hasCalledLately({ sync }: AlarmWorld, stream: string, by: number): boolean {
  return sync.vendor.requests.some(
    ({ request, at }) =>
      new URL(request.url).pathname.endsWith(stream.split('/')[1]!) && at > by - 10 * minuteMs && at <= by,
  );
}

function threadOf({ json }: Notice): string {
  return (JSON.parse(json) as { readonly metadata: { readonly threadId: string } }).metadata.threadId;
}

describe('an incident', () => {
  it.each(incidentStories)('$title', async (story) => {
    const people = await liveAndCheck(story);
    // It is one thread in a chat.
    expect(new Set(people.map(threadOf)).size).toBe(1);
  });
});

describe('people know of it although', () => {
  it.each(failuresOfTelling)('$title', async (story) => {
    await liveAndCheck(story);
  });
});
