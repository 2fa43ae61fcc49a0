import type { AlarmKind } from '../../lib/on-call/alarm-kinds.ts';
import { resumeConnection, resumeStream } from '../../lib/operations/resume.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import { isMisfit } from '../../lib/sync/schema.ts';
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
  /** What must be read in the notification, beside what every one has. */
  readonly says: readonly string[];
  /** Minutes from the moment it is wrong to ALARM, and from when it is well to OK; 6 unless its kind cannot know sooner. */
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

function answering(status: number, headers: Record<string, string> = {}): FakeHandler {
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

/** A run has shown it so lately. */
const misfitWithin =
  (ms: number) =>
  async ({ sync, now }: AlarmWorld): Promise<boolean> => {
    const { changes = [] } = (await sync.schemas.read(stream)) ?? {};
    return changes.some((change) => isMisfit(change) && now - change.at < ms);
  };

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
    says: ['rotated or restricted', 'npx pagekeeper secret set mobaro --stack Pagekeeper'],
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
    says: ['npx pagekeeper resume mobaro --stack Pagekeeper'],
  },
  {
    kind: 'missing',
    cause: 'the list is not there (404), until it is again and a person resumes',
    alarm: 'mobaro/users missing',
    begin: breaking(answering(404)),
    isWrong: haltedFor('missing'),
    fix: fixAndResume,
    says: ['location access', 'npx pagekeeper resume mobaro/users --stack Pagekeeper'],
  },
  {
    kind: 'halted',
    cause: 'the user may not read it (403), until it may and a person resumes',
    alarm: 'mobaro/users halted',
    begin: breaking(answering(403)),
    isWrong: haltedFor('forbidden', 'rejected'),
    fix: fixAndResume,
    says: ['permission', 'npx pagekeeper resume mobaro/users --stack Pagekeeper'],
  },
  {
    kind: 'exhausted',
    cause: 'every request fails (500) for hours',
    alarm: 'mobaro/users exhausted',
    begin: breaking(answering(500)),
    isWrong: stored(({ stopped }) => stopped !== null),
    fix: fixing,
    says: ['asks again, after pauses', 'npx pagekeeper run mobaro/users --stack Pagekeeper'],
    also: ['mobaro/users stale'],
  },
  {
    kind: 'exhausted',
    cause: 'the vendor is deployed: 503 for two minutes',
    alarm: 'mobaro/users exhausted',
    begin: breaking(answering(503)),
    isWrong: stored(({ stopped }) => stopped !== null),
    fix: fixing,
    says: ['asks again, after pauses'],
    hours: 0,
  },
  {
    kind: 'stale',
    cause: 'a 429 tells to come back in five hours',
    alarm: 'mobaro/users stale',
    begin: breaking(answering(429, { 'retry-after': String(5 * 3600) })),
    isWrong: async (world) => {
      const { freshFrom } = await world.sync.checkpoint(stream);
      return world.now - (freshFrom ?? 0) > (world.deployment.streams[0]?.freshnessMs ?? 0);
    },
    fix: fixing,
    says: ['more than 60 minutes', 'npx pagekeeper status --stack Pagekeeper'],
    hours: 4,
  },
  {
    kind: 'held',
    cause: 'most rows are gone from one run to the next, until they are back',
    alarm: 'mobaro/users held',
    begin: breaking(mobaroWith(20)),
    isWrong: stored(({ heldDeletions }) => heldDeletions !== null),
    fix: fixing,
    says: ['No record has been deleted', 'npx pagekeeper allow-deletions mobaro/users --stack Pagekeeper'],
  },
  {
    kind: 'held',
    cause: 'the vendor counts more rows than it gives, for days',
    alarm: 'mobaro/users held',
    begin: breaking((request) => {
      const { body, ...answer } = well(request) as FakeAnswer & { readonly body: object };
      return { ...answer, body: { ...body, total: rows + 5 } };
    }),
    isWrong: async (world) => {
      const { doubtedSince } = await world.sync.checkpoint(stream);
      return doubtedSince !== null && world.sync.clock.now() - doubtedSince >= maxDoubtMs;
    },
    fix: fixing,
    says: ['had not all rows for two days', 'npx pagekeeper status --stack Pagekeeper'],
    unseenHours: 50,
  },
  {
    kind: 'throttled',
    cause: 'three of four requests are told to come later (429, 503), though none is given up',
    alarm: 'mobaro throttled',
    begin: (world) => {
      breaking(mostlyThrottled())(world);
    },
    isWrong: ({ sync }) => sync.measured.requests.slice(-40).filter(Boolean).length > 20,
    fix: fixing,
    says: ['share one limit', 'limitPerMinute'],
    within: { alarm: 180, ok: 180 },
  },
  {
    kind: 'unconfigured',
    cause: 'the secret is emptied, and filled in again',
    alarm: 'mobaro unconfigured',
    begin: ({ sync }) => sync.secrets.change({ apiKey: 'REPLACE_ME' }),
    isWrong: stored(({ outcome }) => outcome === 'unconfigured'),
    fix: ({ sync }) => sync.secrets.change(secret),
    says: ['has not been filled in', 'npx pagekeeper secret set mobaro --stack Pagekeeper'],
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
    kind: 'watchdogErrors',
    cause: 'the watchdog crashes at every round',
    alarm: 'watchdog errors',
    begin: (world) => {
      world.watchdogCrashes = true;
    },
    isWrong: (world) => world.watchdogCrashes,
    fix: (world) => {
      world.watchdogCrashes = false;
    },
    says: ['aws logs tail /pagekeeper/Pagekeeper/watchdog'],
    within: { ok: 15 },
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
    says: ['has not run for 15 minutes', 'do not trust an OK', 'npx cdk deploy'],
    // Silence is known only when it has lasted, and CloudWatch looks at a little more than it evaluates.
    within: { alarm: 20 },
  },
  {
    kind: 'deadLetters',
    cause: 'a message ends in the dead-letter queue, and is sent back',
    alarm: 'mobaro dead letters',
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
    kind: 'missedTicks',
    cause: 'a tick ends in the queue for missed ticks, which a person empties',
    alarm: 'mobaro missed ticks',
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
    kind: 'schemaMisfits',
    cause: 'the vendor writes numbers as texts from now on',
    alarm: 'schema changed',
    begin: breaking((request) => {
      const { body, ...answer } = well(request) as { body: { items: { n: number }[] } };
      const items = body.items.map((item) => ({ ...item, n: `${String(item.n)} pieces` }));
      return { ...answer, body: { ...body, items } };
    }),
    isWrong: misfitWithin(5 * 60_000),
    fix: fixing,
    // It is told once: CloudWatch looks back some periods before it takes no news for none.
    within: { ok: 25 },
    says: ['every record is stored as it came', 'npx pagekeeper status --stack Pagekeeper'],
    hours: 0,
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
    also: ['changes late'],
    unseenHours: 13,
  },
];
