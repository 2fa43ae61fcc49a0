import { resumeStream } from '../../lib/operations/resume.ts';
import type { FakeHandler } from '../support/fakes/fake-vendor.ts';
import { AlarmWorld } from './alarm-world.ts';
import { deploymentOf, type Deployment } from './deployment.ts';
import { answering, well } from './scenarios.ts';
import type { Notice } from './topics.ts';

/** Of one vendor, in the order of their ticks. */
export const fourStreams = ['mobaro/users', 'mobaro/locations', 'mobaro/assets', 'mobaro/webhooks'] as const;

export function deploymentWith(streams: readonly string[]): Deployment {
  const own = streams.map((stream) => [stream.split('/')[1], {}]);
  return deploymentOf({ connections: { mobaro: { streams: Object.fromEntries(own) } } });
}

/** All is well, and the first stream's tick is due now; those of the others, too, unless said otherwise. */
export async function quietWorld(
  deployment: Deployment,
  ticksAt: (index: number) => number = () => 0,
): Promise<AlarmWorld> {
  const world = new AlarmWorld(deployment, { vendor: well, ticksAt });
  await world.pass(deployment.tickMinutes);
  return world;
}

/** What the vendor answers from now on, to all or some of the streams: the others are well. */
export function answers(world: AlarmWorld, status: number, streams: readonly string[] = fourStreams): void {
  const failing = answering(status);
  const handler: FakeHandler = (request) => {
    const path = new URL(request.url).pathname;
    const isMeant = streams.some((stream) => path.endsWith(`/${stream.split('/')[1] ?? ''}`));
    return (isMeant ? failing : well)(request);
  };
  world.sync.vendor.handle(handler);
}

export function isWell(world: AlarmWorld): void {
  world.sync.vendor.handle(well);
}

export async function resume(world: AlarmWorld, streams: readonly string[]): Promise<void> {
  for (const stream of streams) await resumeStream(stream, world.sync);
}

/** The messages to people since then, as `page PAGE Pagekeeper: mobaro …`. */
export function told(world: AlarmWorld, since: number): readonly string[] {
  return lettersSince(world, since).map(
    ({ severity, subject }) => `${severity} ${subject ?? '(no subject)'}`,
  );
}

export function lettersSince(world: AlarmWorld, since: number): readonly Notice[] {
  return world.letters.filter(({ at }) => at > since);
}

/** Without its line breaks. */
export function wordsOf(notice: Notice | undefined): string {
  return (notice?.text ?? '').replaceAll(/\n */g, ' ');
}

export const minuteMs = 60_000;
