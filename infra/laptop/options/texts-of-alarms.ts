import { alarmNameOf, type AlarmKind } from '../../../lib/on-call/alarm-kinds.ts';
import { wholeText, type AlarmLine, type AlarmText } from '../../../lib/on-call/alarm-text.ts';
import {
  textsOfChangeLog,
  textsOfConnection,
  textsOfEvents,
  textsOfTeller,
  textsOfWatchdog,
} from '../../../lib/on-call/alarm-texts.ts';
import { physicalName } from '../../emulator/template/identities.ts';
import { localArn, queueUrl } from '../../emulator/template/local-account.ts';
import { missedTicksIdOf, queueIdOf } from '../../settings/names.ts';
import type { Settings } from '../../settings/settings.ts';

type Texts = Readonly<Partial<Record<AlarmKind, AlarmText>>>;

/**
 * What each alarm of the stack says, by its name, in a nested stack or not; with its queues as the emulator calls them before it
 * has a port.
 */
export function textsOfAlarms({
  stackName,
  connections,
  runbookUrl,
}: Settings): ReadonlyMap<string, readonly AlarmLine[]> {
  const nameOf = (logicalId: string): string =>
    physicalName(stackName, logicalId, { Type: 'AWS::SQS::Queue' });
  const urlOf = (logicalId: string): string => queueUrl('http://127.0.0.1', nameOf(logicalId));
  const named = (of: string | null, texts: Texts) =>
    Object.values(texts).flatMap((text) =>
      [false, true].map(
        (isNested) => [alarmNameOf(stackName, text.kind, of, isNested), wholeText(text, runbookUrl)] as const,
      ),
    );
  const { silent } = textsOfWatchdog(stackName, {
    missedTicksUrl: urlOf(missedTicksIdOf(null)),
  });
  return new Map([
    ...connections.flatMap((connection) => [
      ...named(
        connection.name,
        textsOfConnection(stackName, connection, {
          deadLettersArn: localArn('sqs', nameOf(queueIdOf(connection.name, 'DeadLetters'))),
          missedTicksUrl: urlOf(missedTicksIdOf(connection.name)),
        }),
      ),
    ]),
    ...named(null, {
      ...textsOfChangeLog(stackName),
      ...textsOfEvents(stackName),
      ...textsOfTeller(stackName),
    }),
    ...named('watchdog', { silent }),
  ]);
}
