import { openStacks } from '../../infra/emulator/template/open-stacks.ts';
import { asynchronousOf } from '../../infra/emulator/template/read-invoke-configs.ts';
import { readOnCall } from '../../infra/emulator/template/read-template.ts';
import type { AlarmModel, AsynchronousModel } from '../../infra/emulator/template/template-model.ts';
import { readSettings } from '../../infra/settings/read-settings.ts';
import { connectionConfigOf } from '../../infra/settings/settings-document.ts';
import { connectionOf } from '../../lib/runtime/settings-document.ts';
import type { Stream } from '../../lib/sync/settings.ts';
import { metricName } from '../../lib/sync/troubles.ts';
import { synthesized } from '../infra/synthesized.ts';

export interface Deployment {
  readonly name: string;
  readonly onCall: ReturnType<typeof readOnCall>;
  readonly alarmsOnTroubles: readonly AlarmModel[];
  readonly streams: readonly Stream[];
  /** Between two ticks of the first stream, in minutes. */
  readonly tickMinutes: number;
  readonly teller: TellerModel;
}

/** The function that tells people, and how Lambda runs it. */
export interface TellerModel {
  readonly name: string;
  readonly timeoutMs: number;
  readonly asynchronous: AsynchronousModel;
  /** What comes within so many milliseconds is one message. */
  readonly gatherMs: number;
  readonly runbook: string;
}

/** The stack of these settings, synthesized, with one connection: what tells on-call, and its streams. */
export function deploymentOf(settings: object): Deployment {
  const { stackName, connections } = readSettings(settings);
  const [connection] = connections;
  if (connection === undefined) throw new Error('A scenario needs a connection');
  const template: unknown = synthesized(settings).template.toJSON();
  const onCall = readOnCall({ stackName, template });
  return {
    name: stackName,
    onCall,
    alarmsOnTroubles: onCall.alarms.filter(({ metrics }) => metrics.every(({ name }) => name === metricName)),
    streams: connections.flatMap(
      (one) => connectionOf(connectionConfigOf(one, stackName), one.connector).streams,
    ),
    tickMinutes: (connection.streams[0]?.shortestGapSeconds ?? 0) / 60,
    teller: tellerOf(stackName, template, onCall),
  };
}

function tellerOf(
  stackName: string,
  template: unknown,
  { topics }: Pick<Deployment['onCall'], 'topics'>,
): TellerModel {
  const stacks = openStacks({ stackName, template });
  const found = stacks
    .flatMap((stack) => stack.all('AWS::Lambda::Function'))
    .find(({ logicalId }) => logicalId.startsWith('TellOnCall'));
  if (found === undefined) throw new Error('No function tells people');
  const { name, properties } = found;
  const variables = properties.Environment?.Variables as Record<string, string>;
  const configs = stacks.flatMap((stack) => stack.all('AWS::Lambda::EventInvokeConfig'));
  return {
    name,
    timeoutMs: properties.Timeout * 1000,
    asynchronous: asynchronousOf(name, configs, { topics, queues: [] }),
    gatherMs: Number(variables['PAGEKEEPER_GATHER_SECONDS']) * 1000,
    runbook: variables['PAGEKEEPER_RUNBOOK'] ?? '',
  };
}
