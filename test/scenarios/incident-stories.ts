import { pauseStream } from '../../lib/operations/pause.ts';
import { resumeStream } from '../../lib/operations/resume.ts';
import type { VendorRequest } from '../../lib/sync/ports.ts';
import { AlarmWorld } from './alarm-world.ts';
import { deploymentOf, type Deployment } from './deployment.ts';
import { answering, well } from './scenarios.ts';
import type { Notice, Publisher } from './topics.ts';

/** Incidents of four streams of one vendor, and what people are told of them. */

/** A message that people are sent. */
export interface Told {
  /** To which topic, and its subject: `page PAGE Pagekeeper: mobaro …`. */
  readonly subject: string;
  /** What it says beside. */
  readonly says?: readonly string[];
  /** What it must not say. */
  readonly hides?: readonly string[];
  readonly by?: Publisher;
  /** Minutes after the story's beginning, at the earliest and at the latest. */
  readonly between?: readonly [number, number];
}

export interface IncidentStory {
  readonly title: string;
  /** Minutes from when the first stream's tick is due to that of another one; in the same minute unless said. */
  readonly ticksAt?: (index: number) => number;
  /** It begins when a tick is due. */
  readonly live: (world: AlarmWorld) => Promise<void>;
  readonly told: readonly Told[];
  /** What CloudWatch itself tells pagers, where that matters: alarms and their states. */
  readonly pagers?: readonly string[];
}

/** In the order of their ticks. */
export const fourStreams = ['mobaro/users', 'mobaro/locations', 'mobaro/assets', 'mobaro/webhooks'] as const;
const [users, locations] = fourStreams;

export function deploymentOfFour(): Deployment {
  const streams = fourStreams.map((stream) => [stream.split('/')[1], {}]);
  return deploymentOf({ connections: { mobaro: { streams: Object.fromEntries(streams) } } });
}

/** What came of a story. */
export interface Lived {
  readonly world: AlarmWorld;
  /** When it began, epoch milliseconds. */
  readonly since: number;
  /** All that was sent from then on. */
  readonly notices: readonly Notice[];
}

export async function liveIncident(story: IncidentStory, deployment: Deployment): Promise<Lived> {
  const { ticksAt = () => 0, live } = story;
  const world = new AlarmWorld(deployment, { vendor: well, ticksAt });
  await world.pass(deployment.tickMinutes);
  const since = world.now;
  await live(world);
  return { world, since, notices: world.notices.filter(({ at }) => at > since) };
}

function isOf(stream: string, { url }: VendorRequest): boolean {
  return new URL(url).pathname.endsWith(`/${stream.split('/')[1] ?? ''}`);
}

/** What the vendor answers from now on, to all or some of the streams: the others are well. */
function answers({ sync }: AlarmWorld, status: number, streams: readonly string[] = fourStreams): void {
  const failing = answering(status);
  sync.vendor.handle((request) =>
    (streams.some((stream) => isOf(stream, request)) ? failing : well)(request),
  );
}

function isWell({ sync }: AlarmWorld): void {
  sync.vendor.handle(well);
}

/** The list of users is not there for an hour, then it is, and is resumed. */
const listIsGone =
  (begin: (world: AlarmWorld) => void, minutes: number, mend: (world: AlarmWorld) => void) =>
  async (world: AlarmWorld): Promise<void> => {
    begin(world);
    answers(world, 404, [users]);
    await world.pass(minutes);
    mend(world);
    await world.pass(60 - minutes);
    isWell(world);
    await resumeStream(users, world.sync);
    await world.pass(30);
  };

const minuteMs = 60_000;
const newKey = { apiKey: 'new and made-up' };
const ofUsers = (word: 'PAGE' | 'OVER'): string => `page ${word} Pagekeeper: mobaro not found (404): users`;
const refused = (word: 'PAGE' | 'OVER'): string =>
  `page ${word} Pagekeeper: mobaro key refused (401): all streams`;
const failing = (to: 'page' | 'ticket', word: 'TICKET' | 'PAGE' | 'OVER', which = 'all streams'): string =>
  `${to} ${word} Pagekeeper: mobaro pages fail: ${which}`;

export const incidentStories: readonly IncidentStory[] = [
  {
    title: 'A vendor is down for two minutes',
    live: async (world) => {
      answers(world, 503);
      await world.pass(2);
      isWell(world);
      await world.pass(120);
    },
    told: [{ subject: failing('ticket', 'TICKET') }, { subject: failing('ticket', 'OVER'), between: [2, 4] }],
    pagers: ['failing ALARM', 'failing OK'],
  },
  {
    title: 'A vendor is down for an hour',
    live: async (world) => {
      answers(world, 503);
      await world.pass(60);
      isWell(world);
      await world.pass(120);
    },
    told: [
      { subject: failing('ticket', 'TICKET'), says: ['npx pagekeeper fix mobaro --stack Pagekeeper'] },
      { subject: failing('page', 'PAGE'), between: [15, 20] },
      { subject: failing('page', 'OVER'), says: ['all 4 streams go on by'], between: [60, 66] },
    ],
  },
  {
    title: 'The address is wrong, and all streams ask within a minute',
    live: async (world) => {
      answers(world, 404);
      await world.pass(60);
    },
    told: [
      {
        subject: 'page PAGE Pagekeeper: mobaro not found (404): all streams',
        says: ['heck the address (baseUrl)'],
        between: [1, 2],
      },
    ],
    pagers: ['missing ALARM'],
  },
  {
    title: 'The address is wrong, and the streams ask three minutes apart',
    ticksAt: (index) => 3 * index,
    live: async (world) => {
      answers(world, 404);
      await world.pass(60);
    },
    told: [
      { subject: ofUsers('PAGE') },
      {
        subject: 'page MORE Pagekeeper: mobaro not found (404): all streams',
        says: ['heck the address (baseUrl)'],
        between: [9, 11],
      },
    ],
    pagers: ['missing ALARM'],
  },
  {
    title: 'The address is wrong, and the others ask four minutes after the first',
    ticksAt: (index) => (index === 0 ? 0 : 4),
    live: async (world) => {
      answers(world, 404);
      await world.pass(60);
    },
    told: [
      { subject: ofUsers('PAGE'), hides: ['baseUrl'] },
      {
        subject: 'page MORE Pagekeeper: mobaro not found (404): all streams',
        says: ['heck the address (baseUrl)'],
        between: [4, 6],
      },
    ],
    pagers: ['missing ALARM'],
  },
  {
    title: 'A second stream fails an hour after the first, and goes on an hour after it',
    live: async (world) => {
      answers(world, 404, [users]);
      await world.pass(60);
      answers(world, 404, [users, locations]);
      await world.pass(60);
      answers(world, 404, [locations]);
      await resumeStream(users, world.sync);
      await world.pass(60);
      isWell(world);
      await resumeStream(locations, world.sync);
      await world.pass(60);
    },
    told: [
      { subject: ofUsers('PAGE') },
      { subject: 'page MORE Pagekeeper: mobaro not found (404): users, locations', between: [60, 63] },
      { subject: 'page OVER Pagekeeper: mobaro not found (404): users, locations', between: [180, 187] },
    ],
    pagers: ['missing ALARM', 'missing OK'],
  },
  {
    title: 'Two streams fail, and a person pauses one of them',
    live: async (world) => {
      answers(world, 503, [users, locations]);
      await world.pass(60);
      await pauseStream(locations, world.sync);
      await world.pass(10);
      isWell(world);
      await world.pass(60);
    },
    told: [
      { subject: failing('ticket', 'TICKET', 'users, locations') },
      { subject: failing('page', 'PAGE', 'users, locations') },
      {
        subject: failing('page', 'OVER', 'users, locations'),
        says: ['users goes on by', 'Paused by a person: locations'],
      },
    ],
  },
  {
    title: 'The key is refused, and a new one put in its place an hour later',
    ticksAt: (index) => index,
    live: async (world) => {
      answers(world, 401);
      await world.pass(60);
      isWell(world);
      world.sync.secrets.change(newKey);
      await world.pass(60);
    },
    told: [
      { subject: refused('PAGE'), says: ['npx pagekeeper fix mobaro --stack Pagekeeper'], between: [0, 2] },
      {
        subject: refused('OVER'),
        says: ['the key works again; all 4 streams go on by'],
        between: [60, 67],
      },
    ],
    pagers: ['unauthorized ALARM', 'unauthorized OK'],
  },
  {
    title: 'The key is refused while a mute of two hours lasts',
    live: async (world) => {
      await world.mute('mobaro', 120 * minuteMs);
      answers(world, 401);
      await world.pass(240);
    },
    told: [{ subject: refused('PAGE'), between: [120, 126] }],
    pagers: ['unauthorized ALARM'],
  },
  {
    title: 'The vendor writes numbers of users as texts from now on',
    live: async (world) => {
      world.sync.vendor.handle((request) => {
        if (!isOf(users, request)) return well(request);
        const { body, ...answer } = well(request) as { body: { items: { n: number }[] } };
        const items = body.items.map((item) => ({ ...item, n: `${String(item.n)} pieces` }));
        return { ...answer, body: { ...body, items } };
      });
      await world.pass(60);
    },
    // No alarm: it is news, and nothing that lasts.
    told: [
      {
        subject: 'ticket TICKET Pagekeeper: mobaro fields of another type: users',
        says: ['n (integer, now mixed)', 'every record is stored as it came'],
      },
    ],
    pagers: [],
  },
  {
    title: 'The key is refused, and is good again within a mute that began later',
    live: async (world) => {
      answers(world, 401);
      await world.pass(30);
      await world.mute('mobaro', 120 * minuteMs);
      isWell(world);
      world.sync.secrets.change(newKey);
      await world.pass(180);
    },
    told: [{ subject: refused('PAGE') }, { subject: refused('OVER'), between: [30, 37] }],
  },
];

const tellingErrors = 'page ALARM: "Pagekeeper telling errors" in US East (N. Virginia)';
/** What Lambda sends of an event that it has given up has no subject. */
const givenUp = 'page (no subject)';

/** What can fail between an incident and the people who are to know of it: one stream is answered 404 in each of these. */
export const failuresOfTelling: readonly IncidentStory[] = [
  {
    title: 'Nobody reads the table’s stream',
    live: listIsGone(
      (world) => (world.tableStream.stands = true),
      60,
      () => undefined,
    ),
    told: [{ subject: ofUsers('PAGE'), between: [1, 3] }, { subject: ofUsers('OVER') }],
  },
  {
    title: 'Alarms do not get through to the function',
    live: listIsGone(
      (world) => (world.alarmsStand = true),
      60,
      () => undefined,
    ),
    told: [{ subject: ofUsers('PAGE'), between: [1, 2] }, { subject: ofUsers('OVER') }],
  },
  {
    title: 'Neither gets through',
    live: listIsGone(
      (world) => {
        world.tableStream.stands = true;
        world.alarmsStand = true;
      },
      60,
      () => undefined,
    ),
    told: [
      { subject: ofUsers('PAGE'), by: 'watchdog', says: ['its log says why'], between: [10, 16] },
      { subject: ofUsers('OVER'), by: 'watchdog' },
    ],
  },
  {
    title: 'The function crashes for half an hour',
    live: listIsGone(
      ({ tellerFunction }) => (tellerFunction.crashes = true),
      30,
      ({ tellerFunction }) => (tellerFunction.crashes = false),
    ),
    told: [
      { subject: tellingErrors, between: [0, 2] },
      { subject: givenUp, by: 'lambda', says: ['"alarmName":"Pagekeeper mobaro missing"'], between: [3, 5] },
      {
        subject: ofUsers('PAGE'),
        by: 'watchdog',
        says: ['npx pagekeeper fix mobaro --stack Pagekeeper'],
        between: [10, 16],
      },
      { subject: ofUsers('OVER'), by: 'teller' },
    ],
  },
  {
    title: 'The function is throttled for ten minutes',
    live: listIsGone(
      ({ tellerFunction }) => (tellerFunction.isThrottled = true),
      10,
      ({ tellerFunction }) => (tellerFunction.isThrottled = false),
    ),
    told: [
      { subject: tellingErrors, between: [0, 2] },
      { subject: givenUp, by: 'lambda', between: [5, 10] },
      { subject: ofUsers('PAGE'), by: 'teller', between: [10, 12] },
      { subject: ofUsers('OVER'), by: 'teller' },
    ],
  },
  {
    title: 'The table does not let the function read what it has told, for half an hour',
    live: listIsGone(
      ({ teller }) => (teller.incidentsRefuse = true),
      30,
      ({ teller }) => (teller.incidentsRefuse = false),
    ),
    told: [
      { subject: tellingErrors },
      {
        subject: 'page PAGE Pagekeeper mobaro missing',
        by: 'teller',
        says: ['Details could not be read.'],
        between: [0, 2],
      },
      // Nobody knows what was told: twice is better than never, and it is not told in each round.
      { subject: ofUsers('PAGE'), by: 'watchdog', between: [10, 16] },
      { subject: ofUsers('PAGE'), between: [30, 41] },
      { subject: ofUsers('OVER'), by: 'teller' },
      { subject: 'page OVER Pagekeeper mobaro missing', by: 'teller' },
    ],
  },
  {
    title: 'The topics refuse the function for half an hour',
    live: listIsGone(
      // Lambda publishes what it gives up by the role of the function.
      ({ topics }) => topics.refused.add('teller').add('lambda'),
      30,
      ({ topics }) => {
        topics.refused.clear();
      },
    ),
    told: [
      { subject: tellingErrors, between: [0, 3] },
      { subject: ofUsers('PAGE'), by: 'watchdog', between: [10, 16] },
      { subject: ofUsers('OVER'), by: 'teller' },
    ],
  },
];
