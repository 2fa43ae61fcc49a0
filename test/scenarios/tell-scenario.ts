import { AlarmWorld } from './alarm-world.ts';
import type { Deployment } from './deployment.ts';
import { well, type Scenario } from './scenarios.ts';
import type { Notice } from './topics.ts';

/** What came of a scenario. Times are seconds of the deployment's: the first three from the cause on, the others from the fix. */
export interface Story {
  /** Until it is stored, or measured by AWS, that something is wrong: with a stream, its next page. To a minute. */
  readonly toWrong: number;
  readonly toAlarm: number;
  /** Until people were sent the first message. */
  readonly toMessage: number;
  /** Until it is stored, or measured, that all is well. To a minute. */
  readonly toWell: number;
  readonly toOk: number;
  /** Until people were sent the last message. */
  readonly toEnd: number;
  /** When the cause was, epoch milliseconds. */
  readonly since: number;
  /** All that was sent, in its order. */
  readonly notices: readonly Notice[];
}

export const quietMinutes = 60;
const patienceHours = 6;
const lastsHours = 6;

/** Quiet, cause, ALARM, hours of it, fixing, OK, quiet again. @throws where a step does not come about */
export async function tellScenario(scenario: Scenario, deployment: Deployment): Promise<Story> {
  const world = new AlarmWorld(deployment, { vendor: well });
  const isAlarm = (): boolean => world.stateOf(scenario.alarm) === 'ALARM';
  const until = async (isSo: () => boolean | Promise<boolean>, hours = patienceHours): Promise<void> => {
    await world.until(isSo, hours * 60);
  };
  await settle(world);
  const begunAt = world.now;
  await scenario.begin(world);
  await until(() => scenario.isWrong(world), scenario.unseenHours);
  const wrongAt = world.now;
  await until(isAlarm);
  await world.pass((scenario.hours ?? lastsHours) * 60);
  const fixedAt = world.now;
  await scenario.fix(world);
  await until(async () => !(await scenario.isWrong(world)));
  const wellAt = world.now;
  await until(() => !isAlarm());
  await world.pass(2 * quietMinutes);
  const alarmed = (state: 'ALARM' | 'OK', since: number): number =>
    world.transitions.find((one) => one.alarm === scenario.alarm && one.state === state && one.at >= since)
      ?.at ?? NaN;
  const seconds = (from: number, to: number | undefined): number => Math.round(((to ?? NaN) - from) / 1000);
  const notices = world.notices.filter(({ at }) => at >= begunAt);
  const letters = ownLetters(scenario, notices);
  return {
    toWrong: seconds(begunAt, wrongAt),
    toAlarm: seconds(begunAt, alarmed('ALARM', begunAt)),
    toMessage: seconds(begunAt, letters[0]?.at),
    toWell: seconds(fixedAt, wellAt),
    toOk: seconds(fixedAt, alarmed('OK', fixedAt)),
    toEnd: seconds(fixedAt, letters.at(-1)?.at),
    since: begunAt,
    notices,
  };
}

/** To people, but for what says the same thing of an alarm that has to be on as well. */
export function ownLetters({ also = [] }: Scenario, notices: readonly Notice[]): readonly Notice[] {
  const isOther = (subject: string): boolean => also.some((alarm) => subject.endsWith(` ${alarm}`));
  return notices.filter(({ to, subject }) => to === 'people' && !isOther(subject ?? ''));
}

/** Until each alarm has come to be OK, which CloudWatch says of a new one, and an hour in which nothing is said. */
export async function settle(world: AlarmWorld): Promise<void> {
  await world.pass(1);
  const { length } = world.notices;
  await world.pass(quietMinutes);
  const sent = world.notices.slice(length).map(({ to, subject }) => `${to}: ${String(subject)}`);
  if (sent.length > 0) throw new Error(`Sent in the quiet: ${sent.join('; ')}`);
}

export interface QuietDay {
  readonly requests: number;
  /** Of them: told to come later, by 429 or 503. */
  readonly throttled: number;
  readonly unanswered: number;
  readonly notices: readonly Notice[];
  readonly inAlarm: readonly string[];
}

/** A day on which one request in five fails, with 429, 503 or no answer. */
export async function tellQuietDay(deployment: Deployment): Promise<QuietDay> {
  let asked = 0;
  let throttled = 0;
  let unanswered = 0;
  const world = new AlarmWorld(deployment, {
    vendor: (request) => {
      asked += 1;
      switch (asked % 15) {
        case 4:
          throttled += 1;
          return { status: 429, headers: { 'retry-after': '20' } };
        case 9:
          throttled += 1;
          return { status: 503 };
        case 13:
          unanswered += 1;
          return { kind: 'unanswered', failure: 'network', reason: 'made up' };
        default:
          return well(request);
      }
    },
  });
  await world.pass(1);
  const { length } = world.notices;
  await world.pass(24 * 60);
  return {
    requests: asked,
    throttled,
    unanswered,
    notices: world.notices.slice(length),
    inAlarm: world.alarmsIn('ALARM'),
  };
}
