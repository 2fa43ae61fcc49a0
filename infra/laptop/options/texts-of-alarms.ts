import { physicalName } from '../../emulator/template/identities.ts';
import { localArn, queueUrl } from '../../emulator/template/local-account.ts';
import { wholeText, type AlarmLine } from '../../on-call/alarm-text.ts';
import { textsByAlarm } from '../../on-call/texts-by-alarm.ts';
import type { Settings } from '../../settings/settings.ts';

/** What each alarm of the stack says, by its name; with its queues as the emulator calls them before it has a port. */
export function textsOfAlarms(settings: Settings): ReadonlyMap<string, readonly AlarmLine[]> {
  const nameOf = (logicalId: string): string =>
    physicalName(settings.stackName, logicalId, { Type: 'AWS::SQS::Queue' });
  const texts = textsByAlarm(settings, {
    arnOf: (logicalId) => localArn('sqs', nameOf(logicalId)),
    urlOf: (logicalId) => queueUrl('http://127.0.0.1', nameOf(logicalId)),
  });
  return new Map([...texts].map(([name, text]) => [name, wholeText(text)]));
}
