import type { AlarmKind } from '../../lib/on-call/alarm-kinds.ts';
import { resumeConnection, resumeStream } from '../../lib/operations/resume.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import { isThrottled } from '../../lib/sync/answers.ts';
import { maxDoubtMs } from '../../lib/sync/troubles.ts';
import type { FakeAnswer, FakeHandler } from '../support/fakes/fake-vendor.ts';
import { mobaroWith } from '../support/sync-world.ts';
import type { AlarmWorld } from './alarm-world.ts';

/** One alarm's story. Every world has one stream, `mobaro/users`, with its ticks a quarter of an hour apart. */
export interface Scenario {
  readonly kind: AlarmKind;
  readonly cause: string;
  /** The alarm's name, without the deployment. */
  readonly alarm: string;
  readonly begin: (world: AlarmWorld) => void | Promise<void>;
  /** Whether what is stored (or measured by AWS) says that it is wrong now. */
  readonly isWrong: (world: AlarmWorld) => boolean | Promise<boolean>;
  readonly fix: (world: AlarmWorld) => void | Promise<void>;
  /** What must be read in the first message to people, and the last. */
  readonly says: readonly string[];
  readonly saysAtEnd?: readonly string[];
  /** How the subjects of the messages to people begin, if not with the severity of its kind, and with its end. */
  readonly sent?: readonly string[];
  /**
   * Minutes from the moment it is wrong to ALARM, and from when it is well to OK; 6 unless its kind cannot know sooner. People are
   * told within two minutes of either: one of them is there to gather what else fails.
   */
  readonly within?: { readonly alarm?: number; readonly ok?: number };
  /** Hours in which it may not be wrong yet; 6 unless given. */
  readonly unseenHours?: number;
  /** Alarms that have to be on by then as well: the same thing was less of it before. */
  readonly also?: readonly string[];
  /** How long it lasts before it is fixed, in hours. */
  readonly hours?: number;
}

export const stream = 'mobaro/users';
export const rows = 200;
export const well: FakeHandler = mobaroWith(rows);

export function answering(status: number, headers: Record<string, string> = {}): FakeHandler {
  return () => ({ status, headers, body: { error: 'made up' } });
}

const breaking =
  (handler: FakeHandler) =>
  ({ sync }: AlarmWorld): void =>
    sync.vendor.handle(handler);

const fixing = breaking(well);

async function fixAndResume(world: AlarmWorld): Promise<void> {
  fixing(world);
  await resumeStream(stream, world.sync);
}

const stored =
  (is: (checkpoint: Checkpoint) => boolean) =>
  async ({ sync }: AlarmWorld): Promise<boolean> =>
    is(await sync.checkpoint(stream));

const haltedFor = (...outcomes: string[]) =>
  stored(({ state, halt }) => state === 'halted' && outcomes.includes(halt?.outcome ?? ''));

async function keyRefused({ sync }: AlarmWorld): Promise<boolean> {
  return (await sync.breakers.read('mobaro')).state !== 'closed';
}

/** Three of four requests are told to come later, at once. */
function mostlyThrottled(): FakeHandler {
  let asked = 0;
  return (request) => {
    asked += 1;
    return asked % 4 === 0 ? well(request) : { status: asked % 2 === 0 ? 503 : 429 };
  };
}

const secret = { apiKey: 'made-up' };

const hourMs = 3_600_000;

export const scenarios: readonly Scenario[] = [
  {
    kind: 'unauthorized',
    cause: 'the key is refused (401), until a new one is put into the secret',
    alarm: 'mobaro unauthorized',
    begin: breaking(answering(401)),
    isWrong: keyRefused,
    fix: (world) => {
      fixing(world);
      world.sync.secrets.change({ apiKey: 'new and made-up' });
    },
    says: ['rotated or restricted', 'npx pagekeeper fix mobaro --stack Pagekeeper'],
    saysAtEnd: ['the key works again'],
  },
  {
    kind: 'unauthorized',
    cause: 'the key is refused by a fault of the vendor’s, and resumed by a person',
    alarm: 'mobaro unauthorized',
    begin: breaking(answering(401)),
    isWrong: keyRefused,
    fix: async (world) => {
      fixing(world);
      await resumeConnection('mobaro', [stream], world.sync);
    },
    says: ['HTTP 401'],
    saysAtEnd: ['users goes on by'],
  },
  {
    kind: 'missing',
    cause: 'the list is not there (404), until it is again and a person resumes',
    alarm: 'mobaro missing',
    begin: breaking(answering(404)),
    isWrong: haltedFor('missing'),
    fix: fixAndResume,
    says: ['location access', 'npx pagekeeper resume mobaro/users --stack Pagekeeper'],
    saysAtEnd: ['users goes on by'],
  },
  {
    kind: 'halted',
    cause: 'the user may not read it (403), until it may and a person resumes',
    alarm: 'mobaro halted',
    begin: breaking(answering(403)),
    isWrong: haltedFor('forbidden', 'rejected'),
    fix: fixAndResume,
    says: ['permission', 'npx pagekeeper resume mobaro/users --stack Pagekeeper'],
    saysAtEnd: ['users goes on by'],
  },
  {
    kind: 'failing',
    cause: 'every request fails (500) for hours',
    alarm: 'mobaro failing',
    begin: breaking(answering(500)),
    isWrong: stored(({ stopped }) => stopped !== null),
    fix: fixing,
    says: ['They are tried again by themselves', 'npx pagekeeper resume mobaro/users --stack Pagekeeper'],
    saysAtEnd: ['pages are answered again'],
    // A ticket at once, and a page once it lasts.
    sent: ['ticket TICKET', 'page PAGE', 'page OVER'],
    also: ['mobaro stale'],
  },
  {
    kind: 'failing',
    cause: 'the vendor is deployed: 503 for two minutes',
    alarm: 'mobaro failing',
    begin: breaking(answering(503)),
    isWrong: stored(({ stopped }) => stopped !== null),
    fix: fixing,
    says: ['They are tried again by themselves'],
    hours: 0,
  },
  {
    kind: 'failing',
    cause: 'three of four requests are told to come later (429, 503), though none is given up',
    alarm: 'mobaro failing',
    begin: (world) => {
      breaking(mostlyThrottled())(world);
    },
    isWrong: async ({ sync, now }) => isThrottled([(await sync.checkpoint(stream)).answers], now),
    fix: fixing,
    says: ['more often than it answers', 'npx pagekeeper status --stack Pagekeeper'],
    unseenHours: 3,
  },
  {
    kind: 'stale',
    cause: 'a 429 tells to come back in five hours',
    alarm: 'mobaro stale',
    begin: breaking(answering(429, { 'retry-after': String(5 * 3600) })),
    isWrong: async (world) => {
      const { freshFrom } = await world.sync.checkpoint(stream);
      return world.now - (freshFrom ?? 0) > (world.deployment.streams[0]?.freshnessMs ?? 0);
    },
    fix: fixing,
    says: [
      'no sync has gone through to its end for longer than the target',
      'npx pagekeeper explain mobaro/users --stack Pagekeeper',
    ],
    hours: 4,
  },
  {
    kind: 'attention',
    cause: 'most rows are gone from one run to the next, until they are back',
    alarm: 'mobaro attention',
    begin: breaking(mobaroWith(20)),
    isWrong: stored(({ heldDeletions }) => heldDeletions !== null),
    fix: fixing,
    says: ['No record has been deleted', 'npx pagekeeper allow-deletions mobaro/users --stack Pagekeeper'],
  },
  {
    kind: 'attention',
    cause: 'the vendor counts more rows than it gives, for days',
    alarm: 'mobaro attention',
    begin: breaking((request) => {
      const { body, ...answer } = well(request) as FakeAnswer & { readonly body: object };
      return { ...answer, body: { ...body, total: rows + 5 } };
    }),
    isWrong: async (world) => {
      const { doubtedSince } = await world.sync.checkpoint(stream);
      return doubtedSince !== null && world.sync.clock.now() - doubtedSince >= maxDoubtMs;
    },
    fix: fixing,
    says: ['npx pagekeeper explain mobaro/users --stack Pagekeeper'],
    unseenHours: 50,
  },
  {
    kind: 'attention',
    cause: 'the secret is emptied, and filled in again',
    alarm: 'mobaro attention',
    begin: ({ sync }) => sync.secrets.change({ apiKey: 'REPLACE_ME' }),
    isWrong: stored(({ outcome }) => outcome === 'unconfigured'),
    fix: ({ sync }) => sync.secrets.change(secret),
    says: ['has not been filled in', 'npx pagekeeper secret set mobaro --stack Pagekeeper'],
    saysAtEnd: ['the key is there'],
  },
  {
    kind: 'undelivered',
    cause: 'a message ends in the dead-letter queue, and is sent back',
    alarm: 'mobaro undelivered',
    begin: (world) => {
      world.deadLetters = 1;
    },
    isWrong: (world) => world.deadLetters > 0,
    fix: (world) => {
      world.deadLetters = 0;
    },
    says: ['aws sqs start-message-move-task --source-arn arn:aws:sqs:'],
  },
  {
    kind: 'undelivered',
    cause: 'a tick ends in the queue for missed ticks, which a person empties',
    alarm: 'mobaro undelivered',
    begin: (world) => {
      world.missedTicks = 1;
    },
    isWrong: (world) => world.missedTicks > 0,
    fix: (world) => {
      world.missedTicks = 0;
    },
    says: ['aws sqs purge-queue --queue-url '],
  },
  {
    kind: 'functionErrors',
    cause: 'the functions crash at every tick',
    alarm: 'mobaro sync errors',
    begin: (world) => {
      world.functionsCrash = true;
    },
    isWrong: (world) => world.functionsCrash,
    fix: (world) => {
      world.functionsCrash = false;
    },
    says: ['aws logs tail /pagekeeper/Pagekeeper/mobaro/scheduled-sync'],
    // A crash shows at the next tick, and that it is over when a gap between ticks has passed without one.
    within: { alarm: 16, ok: 31 },
    hours: 0.7,
  },
  {
    kind: 'silent',
    cause: 'the watchdog crashes at every round',
    alarm: 'watchdog silent',
    begin: (world) => {
      world.watchdogCrashes = true;
    },
    isWrong: (world) => world.watchdogCrashes,
    fix: (world) => {
      world.watchdogCrashes = false;
    },
    says: ['aws logs tail /pagekeeper/Pagekeeper/watchdog'],
    sent: ['page ALARM:', 'page OVER'],
    within: { alarm: 20 },
  },
  {
    kind: 'silent',
    cause: 'the watchdog is not started any more',
    alarm: 'watchdog silent',
    begin: (world) => {
      world.watchdogStands = true;
    },
    isWrong: (world) => world.watchdogStands,
    fix: (world) => {
      world.watchdogStands = false;
    },
    says: ['has not completed a round for 15 minutes', 'do not trust an OK'],
    sent: ['page ALARM:', 'page OVER'],
    // Silence is known only when it has lasted, and CloudWatch looks at a little more than it evaluates.
    within: { alarm: 20 },
  },
  {
    kind: 'tellerErrors',
    cause: 'the function that tells people crashes for a minute, in which a list is not there (404)',
    alarm: 'telling errors',
    begin: (world) => {
      world.tellerFunction.crashes = true;
      breaking(answering(404))(world);
    },
    isWrong: haltedFor('missing'),
    fix: async (world) => {
      world.tellerFunction.crashes = false;
      await fixAndResume(world);
    },
    says: ['what they say may not have been sent', 'aws logs tail /pagekeeper/Pagekeeper/tell-on-call'],
    // It is tried again, and nothing has to be made up for.
    sent: ['page ALARM:', 'page PAGE', 'page OVER'],
    also: ['mobaro missing'],
    within: { ok: 20 },
    hours: 0,
  },
  {
    kind: 'changesErrors',
    cause: 'the function that publishes changes crashes on every batch',
    alarm: 'change log errors',
    begin: (world) => {
      world.publishingCrashes = true;
    },
    isWrong: (world) => world.publishingCrashes,
    fix: (world) => {
      world.publishingCrashes = false;
    },
    says: ['no change is lost', 'aws logs tail /pagekeeper/Pagekeeper/publish-changes'],
    // The function of snapshots runs once an hour, so only after an hour is it known that neither crashes.
    within: { ok: 75 },
    hours: 0.7,
  },
  {
    kind: 'eventsErrors',
    cause: 'the function that tells EventBridge of runs crashes on every batch',
    alarm: 'event errors',
    begin: (world) => {
      world.tellingCrashes = true;
    },
    isWrong: (world) => world.tellingCrashes,
    fix: (world) => {
      world.tellingCrashes = false;
    },
    says: ['no record is lost', 'aws logs tail /pagekeeper/Pagekeeper/publish-events'],
    // Where runs end once an hour, only after an hour is it known that it does not crash.
    within: { ok: 75 },
    hours: 0.7,
  },
  {
    kind: 'changesLate',
    cause: 'changes are not published for hours',
    alarm: 'changes late',
    begin: (world) => {
      world.publishingStands = true;
    },
    isWrong: (world) => world.unpublishedMs > hourMs,
    fix: (world) => {
      world.publishingStands = false;
    },
    says: ['more than an hour behind', 'aws logs tail /pagekeeper/Pagekeeper/publish-changes'],
    within: { ok: 10 },
  },
  {
    kind: 'changesBehind',
    cause: 'changes are not published for most of a day',
    alarm: 'changes behind',
    begin: (world) => {
      world.publishingStands = true;
    },
    isWrong: (world) => world.unpublishedMs > 12 * hourMs,
    fix: (world) => {
      world.publishingStands = false;
    },
    says: ['keeps its writes for 24 hours', 'aws logs tail /pagekeeper/Pagekeeper/publish-changes'],
    within: { ok: 10 },
    sent: ['ticket TICKET', 'page PAGE', 'ticket OVER', 'page OVER'],
    also: ['changes late'],
    unseenHours: 13,
  },
];
