import { AlarmWorld, type Deployment, type Notice } from './alarm-world.ts';
import { well, type Scenario } from './scenarios.ts';

/** How long something took, in seconds: in the deployment's time, to a minute, and on this machine. */
export interface Span {
  readonly virtual: number;
  readonly real: number;
}

/** What came of a scenario. */
export interface Story {
  /** From the cause until it is stored, or measured by AWS, that something is wrong: with a stream, its next page. */
  readonly toWrong: Span;
  /** From there to ALARM. */
  readonly toAlarm: Span;
  /** From the fixing until it is stored, or measured, that all is well. */
  readonly toWell: Span;
  /** From there to OK. */
  readonly toOk: Span;
  /** All that was sent, in its order, but for what is of `others`. */
  readonly notices: readonly Notice[];
  /** Of the alarms that have to be on as well. */
  readonly others: readonly Notice[];
}

export const quietMinutes = 60;
const patienceHours = 6;
const lastsHours = 6;

/** Quiet, cause, ALARM, hours of it, fixing, OK, quiet again. @throws where a step does not come about */
export async function tellScenario(scenario: Scenario, deployment: Deployment): Promise<Story> {
  const world = new AlarmWorld(deployment, { vendor: well });
  const isAlarm = (): boolean => world.stateOf(scenario.alarm) === 'ALARM';
  const until = async (isSo: () => boolean | Promise<boolean>, hours = patienceHours): Promise<Span> => {
    const startedAt = performance.now();
    const minutes = await world.until(isSo, hours * 60);
    return { virtual: minutes * 60, real: (performance.now() - startedAt) / 1000 };
  };
  await world.pass(quietMinutes);
  if (world.notices.length > 0) throw new Error(`Sent in the quiet: ${JSON.stringify(world.notices)}`);
  await scenario.begin(world);
  const toWrong = await until(() => scenario.isWrong(world), scenario.unseenHours);
  const toAlarm = await until(isAlarm);
  await world.pass((scenario.hours ?? lastsHours) * 60);
  await scenario.fix(world);
  const toWell = await until(async () => !(await scenario.isWrong(world)));
  const toOk = await until(() => !isAlarm());
  await world.pass(2 * quietMinutes);
  const also = new Set(scenario.also?.map((alarm) => `${deployment.name} ${alarm}`));
  return {
    ...{ toWrong, toAlarm, toWell, toOk },
    notices: world.notices.filter(({ alarm }) => !also.has(alarm)),
    others: world.notices.filter(({ alarm }) => also.has(alarm)),
  };
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
  let unanswered = 0;
  const world = new AlarmWorld(deployment, {
    vendor: (request) => {
      asked += 1;
      switch (asked % 15) {
        case 4:
          return { status: 429, headers: { 'retry-after': '20' } };
        case 9:
          return { status: 503 };
        case 13:
          unanswered += 1;
          return { kind: 'unanswered', failure: 'network', reason: 'made up' };
        default:
          return well(request);
      }
    },
  });
  await world.pass(24 * 60);
  return {
    requests: asked,
    throttled: world.sync.measured.requests.filter(Boolean).length,
    unanswered,
    notices: world.notices,
    inAlarm: world.alarmsIn('ALARM'),
  };
}
