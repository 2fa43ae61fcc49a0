import { readOnCall } from '../../infra/emulator/template/read-template.ts';
import type { AlarmModel } from '../../infra/emulator/template/template-model.ts';
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
}

/** The stack of these settings, synthesized, with one connection: what tells on-call, and its streams. */
export function deploymentOf(settings: object): Deployment {
  const { stackName, connections } = readSettings(settings);
  const [connection] = connections;
  if (connection === undefined) throw new Error('A scenario needs a connection');
  const stack = synthesized(settings);
  const onCall = readOnCall({ stackName, template: stack.template.toJSON() });
  return {
    name: stackName,
    onCall,
    alarmsOnTroubles: onCall.alarms.filter(({ metrics }) => metrics.every(({ name }) => name === metricName)),
    streams: connections.flatMap((one) => connectionOf(connectionConfigOf(one, stackName)).streams),
    tickMinutes: (connection.streams[0]?.shortestGapSeconds ?? 0) / 60,
  };
}
