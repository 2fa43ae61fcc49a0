import { formatStreamName } from '../../lib/connectors/stream-name.ts';
import { missedTicksIdOf, queueIdOf } from '../settings/names.ts';
import type { Settings } from '../settings/settings.ts';
import { alarmNameOf, type AlarmKind } from './alarm-kinds.ts';
import type { AlarmText } from './alarm-text.ts';
import {
  textsOfChangeLog,
  textsOfConnection,
  textsOfEvents,
  textsOfSchema,
  textsOfStream,
  textsOfWatchdog,
} from './alarm-texts.ts';

/** Where the queues of a deployment are, by their logical ids. */
export interface Queues {
  arnOf(logicalId: string): string;
  urlOf(logicalId: string): string;
}

/** What each alarm of a deployment says, by the alarm's name, in a nested stack or not. */
export function textsByAlarm(
  { stackName, connections }: Settings,
  queues: Queues,
): ReadonlyMap<string, AlarmText> {
  const named = (of: string | null, texts: Readonly<Partial<Record<AlarmKind, AlarmText>>>) =>
    Object.values(texts).flatMap((text) =>
      [false, true].map((isNested) => [alarmNameOf(stackName, text.kind, of, isNested), text] as const),
    );
  const { silent, watchdogErrors } = textsOfWatchdog(stackName, {
    missedTicksUrl: queues.urlOf(missedTicksIdOf(null)),
  });
  return new Map([
    ...connections.flatMap((connection) => [
      ...named(
        connection.name,
        textsOfConnection(stackName, connection, {
          deadLettersArn: queues.arnOf(queueIdOf(connection.name, 'DeadLetters')),
          missedTicksUrl: queues.urlOf(missedTicksIdOf(connection.name)),
        }),
      ),
      ...connection.streams.flatMap((stream) =>
        named(
          formatStreamName({ connection: connection.name, stream: stream.name }),
          textsOfStream(stackName, connection, stream),
        ),
      ),
    ]),
    ...named(null, {
      watchdogErrors,
      ...textsOfChangeLog(stackName),
      ...textsOfEvents(stackName),
      ...textsOfSchema(stackName),
    }),
    ...named('watchdog', { silent }),
  ]);
}
