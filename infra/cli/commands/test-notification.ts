import { contextOfThisMachine } from '../../settings/project.ts';
import { severityOf, type Severity } from '../../../lib/on-call/alarm-kinds.ts';
import { publicationsOf } from '../../emulator/alarms/publications.ts';
import { readAssembly } from '../../emulator/template/read-assembly.ts';
import { withAssembly } from '../../laptop/run/synthesize.ts';
import type { TemplateModel } from '../../emulator/template/template-model.ts';
import { UsageError } from '../../terminal/usage-error.ts';

/** What a deployment of this project would send, had one of its alarms gone off. */
export interface TestNotification {
  readonly alarm: string;
  /** Of the topic it goes to. */
  readonly severity: Severity;
  /** As an e-mail's; null where SNS gives its own. */
  readonly subject: string | null;
  /** Its JSON, parsed. */
  readonly message: unknown;
}

/** The alarms and rules of this project as it is now. Takes some seconds. */
export function alarmsOfProject(signal: AbortSignal): Promise<OnCall> {
  return withAssembly({ context: contextOfThisMachine(), signal }, readAssembly);
}

type OnCall = Pick<TemplateModel, 'stackName' | 'alarms' | 'rules'>;

/** Pure. @param wanted the name of an alarm; one of the watchdog's by default @throws UsageError if there is none of that name */
export function testNotification(
  { stackName, alarms, rules }: OnCall,
  wanted: string | undefined,
  reason: string,
  now: number,
): TestNotification {
  const alarm = alarms.find(({ name }) => name === (wanted ?? `${stackName} watchdog errors`));
  if (alarm === undefined)
    throw noSuchAlarm(
      stackName,
      alarms.map(({ name }) => name),
    );
  const before = { reason: 'Unchecked: Initial alarm creation', at: now };
  const [sent] = publicationsOf(alarm, { from: 'OK', to: 'ALARM', reason, at: now }, before, rules);
  if (sent === undefined) throw new Error(`${alarm.name} has no action`);
  return {
    alarm: alarm.name,
    severity: severityOf(alarm.name) ?? 'page',
    subject: sent.subject,
    message: JSON.parse(sent.message) as unknown,
  };
}

export function noSuchAlarm(stackName: string, names: readonly string[]): UsageError {
  return new UsageError(`--alarm: ${stackName} has no such alarm; it has ${names.join(', ') || 'none'}.`);
}
