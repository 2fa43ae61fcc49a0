import { beforeAll, describe, expect, it } from 'vitest';

import type { AlarmWorld } from './alarm-world.ts';
import type { Deployment } from './deployment.ts';
import {
  answers,
  deploymentWith,
  fourStreams,
  isWell,
  lettersSince,
  minuteMs,
  quietWorld,
  resume,
  told,
  wordsOf,
} from './incident-world.ts';
import type { Notice } from './topics.ts';

/** What can fail between an incident and the people who are to know of it. A list is not there (404) in each of these. */

const [users] = fourStreams;
const page = 'page PAGE Pagekeeper: mobaro not found (404): users';
const end = 'page OVER Pagekeeper: mobaro not found (404): users';
const tellingErrors = (state: string): string =>
  `page ${state}: "Pagekeeper telling errors" in US East (N. Virginia)`;
/** Lambda's record of an event that it has given up comes without a subject. */
const givenUp = 'page (no subject)';

let deployment: Deployment;

beforeAll(() => {
  deployment = deploymentWith(fourStreams);
});

interface Lived {
  readonly world: AlarmWorld;
  /** When the list was gone, epoch milliseconds. */
  readonly since: number;
  /** The first message that says what is wrong. */
  readonly first: Notice | undefined;
}

/** For two hours the list is not there, and for so many minutes of them something fails. Then it is fixed, and an hour passes. */
async function lived(
  begin: (world: AlarmWorld) => void,
  minutes: number,
  mend: (world: AlarmWorld) => void,
): Promise<Lived> {
  const world = await quietWorld(deployment);
  const since = world.now;
  begin(world);
  answers(world, 404, [users]);
  await world.pass(minutes);
  mend(world);
  await world.pass(120 - minutes);
  isWell(world);
  await resume(world, [users]);
  await world.pass(60);
  const first = lettersSince(world, since).find(({ subject }) => subject?.includes('mobaro') === true);
  return { world, since, first };
}

const minutesTo = ({ since, first }: Lived): number => ((first?.at ?? NaN) - since) / minuteMs;

describe('either way to the function is enough', () => {
  it('where the table’s stream is not read', async () => {
    const story = await lived(
      (world) => (world.tableStream.stands = true),
      120,
      () => undefined,
    );
    expect(told(story.world, story.since)).toEqual([page, end]);
    expect(minutesTo(story)).toBeLessThan(3);
  });

  it('where alarms do not get through', async () => {
    const story = await lived(
      (world) => (world.alarmsStand = true),
      120,
      () => undefined,
    );
    expect(told(story.world, story.since)).toEqual([page, end]);
    expect(minutesTo(story)).toBeLessThan(2);
  });
});

describe('the function that tells people', () => {
  it('crashes for an hour: its alarm, what Lambda gives up, and the watchdog’s words', async () => {
    const story = await lived(
      ({ tellerFunction }) => (tellerFunction.crashes = true),
      60,
      ({ tellerFunction }) => (tellerFunction.crashes = false),
    );
    const { world, since, first } = story;
    expect(told(world, since)).toEqual([tellingErrors('ALARM'), givenUp, page, tellingErrors('OK'), end]);
    expect(first?.by).toBe('watchdog');
    expect(wordsOf(first)).toContain('npx pagekeeper fix mobaro --stack Pagekeeper');
    expect(minutesTo(story)).toBeLessThan(16);
    // What was given up says of which alarm it was.
    expect(lettersSince(world, since)[1]?.text).toContain('"alarmName":"Pagekeeper mobaro missing"');
  });

  it('is throttled for ten minutes: its alarm, and the message as soon as it runs', async () => {
    const story = await lived(
      ({ tellerFunction }) => (tellerFunction.isThrottled = true),
      10,
      ({ tellerFunction }) => (tellerFunction.isThrottled = false),
    );
    const { world, since, first } = story;
    expect(told(world, since)).toEqual([tellingErrors('ALARM'), givenUp, page, tellingErrors('OK'), end]);
    expect(first?.by).toBe('teller');
    expect(minutesTo(story)).toBeLessThan(12);
  });

  it('cannot read what was told: people get the alarm’s own words', async () => {
    const story = await lived(
      ({ teller }) => (teller.incidentsRefuse = true),
      30,
      ({ teller }) => (teller.incidentsRefuse = false),
    );
    const { world, since } = story;
    const sent = told(world, since);
    const letters = lettersSince(world, since);
    const alarmsOwn = letters.find(({ subject }) => subject === 'PAGE Pagekeeper mobaro missing');
    expect(wordsOf(alarmsOwn)).toContain('Details could not be read.');
    expect(alarmsOwn!.at - since).toBeLessThan(2 * minuteMs);
    // Twice is better than never, and it is not sent in each round.
    expect(sent.filter((subject) => subject === page).length).toBeLessThanOrEqual(3);
    expect(sent.filter((subject) => subject === end)).toHaveLength(1);
  });

  it('may not publish: its alarm says so, and the watchdog what is wrong', async () => {
    const story = await lived(
      // Lambda publishes what it gives up as the function’s role.
      ({ topics }) => topics.refused.add('teller').add('lambda'),
      60,
      ({ topics }) => {
        topics.refused.clear();
      },
    );
    const { world, since, first } = story;
    expect(told(world, since)).toEqual([tellingErrors('ALARM'), page, tellingErrors('OK'), end]);
    expect(first?.by).toBe('watchdog');
    expect(minutesTo(story)).toBeLessThanOrEqual(16);
  });
});

describe('nothing invokes the function', () => {
  it('and the watchdog says it ten minutes later, and the end', async () => {
    const story = await lived(
      (world) => {
        world.tableStream.stands = true;
        world.alarmsStand = true;
      },
      180,
      () => undefined,
    );
    const { world, since } = story;
    expect(told(world, since)).toEqual([page, end]);
    expect(lettersSince(world, since).map(({ by }) => by)).toEqual(['watchdog', 'watchdog']);
    expect(minutesTo(story)).toBeGreaterThanOrEqual(10);
    expect(minutesTo(story)).toBeLessThan(16);
  });
});
