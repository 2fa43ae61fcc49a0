import { AlarmWorld, type Deployment, type Notice } from './alarm-world.ts';
import { well, type Scenario } from './scenarios.ts';

/** What came of a scenario, all in virtual minutes. */
export interface Story {
  readonly toAlarm: number;
  readonly toOk: number;
  /** All that was sent, in its order. */
  readonly notices: readonly Notice[];
}

export const quietMinutes = 60;
const patienceMinutes = 6 * 60;
const lastsHours = 6;

/** Quiet, cause, ALARM, hours of it, mending, OK, quiet again. @throws where a step does not come about */
export async function tellScenario(scenario: Scenario, deployment: Deployment): Promise<Story> {
  const world = new AlarmWorld(deployment, { vendor: well });
  const isAlarm = (): boolean => world.stateOf(scenario.alarm) === 'ALARM';
  await world.pass(quietMinutes);
  if (world.notices.length > 0) throw new Error(`Sent in the quiet: ${JSON.stringify(world.notices)}`);
  await scenario.begin(world);
  await world.until(() => scenario.isWrong(world), patienceMinutes);
  const toAlarm = await world.until(isAlarm, patienceMinutes);
  await world.pass((scenario.hours ?? lastsHours) * 60);
  await scenario.mend(world);
  await world.until(async () => !(await scenario.isWrong(world)), patienceMinutes);
  const toOk = await world.until(() => !isAlarm(), patienceMinutes);
  await world.pass(2 * quietMinutes);
  return { toAlarm, toOk, notices: world.notices };
}
