import { DeleteAlarmMuteRuleCommand, PutAlarmMuteRuleCommand } from '@aws-sdk/client-cloudwatch';

import type { MuteRules } from '../../../lib/operations/mute.ts';
import type { Deployment } from './deployment.ts';
import { sentenceOf } from './deployment-error.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Rules of CloudWatch, one a connection, each for one time.
 *
 * @param alarms by name, what a rule is about; CloudWatch takes up to 100
 */
export function muteRules(
  { cloudWatch, stack }: Pick<Deployment, 'cloudWatch' | 'stack'>,
  alarms: readonly string[],
  variables: Variables,
): MuteRules {
  return {
    put: ({ connection, since, until, why, by }) =>
      reasonOf(variables, async () => {
        await cloudWatch.send(
          new PutAlarmMuteRuleCommand({
            Name: muteRuleName(stack, connection),
            Description: `pagekeeper mute: ${why} (${by})`,
            Rule: { Schedule: scheduleOf(since, until) },
            MuteTargets: { AlarmNames: [...alarms] },
          }),
        );
      }),
    remove: (connection) =>
      reasonOf(variables, async () => {
        const name = muteRuleName(stack, connection);
        await cloudWatch.send(new DeleteAlarmMuteRuleCommand({ AlarmMuteRuleName: name }));
      }),
  };
}

/** No name of a stack or of a connection has an underscore, so that a rule is of one stage alone. */
export function muteRuleName(stack: string, connection: string): string {
  return `${stack}_${connection}`;
}

/** From the minute that `since` is in, until `until`, which is a whole one. Pure. */
function scheduleOf(
  since: number,
  until: number,
): { readonly Expression: string; readonly Duration: string; readonly Timezone: string } {
  const first = Math.floor(since / 60_000);
  return {
    Expression: `at(${new Date(first * 60_000).toISOString().slice(0, 16)})`,
    Duration: `PT${String(until / 60_000 - first)}M`,
    Timezone: 'UTC',
  };
}

/** @returns null once it is done, or why AWS did not do it */
async function reasonOf(variables: Variables, act: () => Promise<void>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    const reason = sentenceOf(error, variables);
    if (reason === null) throw error;
    return reason;
  }
}
