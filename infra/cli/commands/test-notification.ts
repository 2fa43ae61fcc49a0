import { alarmChangeOf } from '../../../lib/aws/alarm-event.ts';
import { alarmKinds, alarmNameOf, kindOf, type Severity } from '../../../lib/on-call/alarm-kinds.ts';
import { messageOfAlarm } from '../../../lib/on-call/tell-alarm.ts';
import { contextOfThisMachine } from '../../settings/project.ts';
import { invocationsOf, publicationsOf } from '../../emulator/alarms/publications.ts';
import { readAssembly } from '../../emulator/template/read-assembly.ts';
import { withAssembly } from '../../laptop/run/synthesize.ts';
import type { TemplateModel } from '../../emulator/template/template-model.ts';
import { UsageError } from '../../terminal/usage-error.ts';

/** What a deployment of this project would send to people, had one of its alarms gone off. */
export interface TestNotification {
  readonly alarm: string;
  /** Of the topic it goes to. */
  readonly severity: Severity;
  readonly sender: Sender;
  /** As an e-mail's. */
  readonly subject: string;
  /** The text of the function, or CloudWatch's JSON, parsed. */
  readonly message: unknown;
}

/** Who writes to people: a function, which the alarm invokes, or CloudWatch itself. */
export type Sender = 'tell-on-call' | 'CloudWatch';

/** The alarms of this project as it is now. Takes some seconds. */
export function alarmsOfProject(signal: AbortSignal): Promise<OnCall> {
  return withAssembly({ context: contextOfThisMachine(), signal }, readAssembly);
}

type OnCall = Pick<TemplateModel, 'stackName' | 'alarms' | 'functions'>;

/** One that goes to people by CloudWatch alone, so that nothing else has to work. */
export function defaultAlarm(stackName: string): string {
  return alarmNameOf(stackName, 'silent', 'watchdog');
}

/** Pure. @param wanted the name of an alarm; `defaultAlarm` by default @throws UsageError if there is none of that name */
export function testNotification(
  { stackName, alarms, functions }: OnCall,
  wanted: string | undefined,
  reason: string,
  now: number,
): TestNotification {
  const alarm = alarms.find(({ name }) => name === (wanted ?? defaultAlarm(stackName)));
  const kind = alarm === undefined ? null : kindOf(alarm.name);
  if (alarm === undefined || kind === null)
    throw noSuchAlarm(
      stackName,
      alarms.map(({ name }) => name),
    );
  const { severity } = alarmKinds[kind];
  const before = { reason: 'Unchecked: Initial alarm creation', at: now };
  const transition = { from: 'OK', to: 'ALARM', reason, at: now } as const;
  const [invoked] = invocationsOf(alarm, transition, before);
  if (invoked !== undefined) {
    const teller = functions.find(({ name }) => name === invoked.functionName);
    const { PAGEKEEPER_RUNBOOK: runbook = '' } = teller?.environment('') ?? {};
    const { subject, text } = messageOfAlarm(alarmChangeOf(invoked.event), kind, null, runbook);
    return { alarm: alarm.name, severity, sender: 'tell-on-call', subject, message: text };
  }
  const [sent] = publicationsOf(alarm, transition);
  if (sent === undefined) throw new Error(`${alarm.name} has no action`);
  const message = JSON.parse(sent.message) as unknown;
  return { alarm: alarm.name, severity, sender: 'CloudWatch', subject: sent.subject, message };
}

export function noSuchAlarm(stackName: string, names: readonly string[]): UsageError {
  return new UsageError(`--alarm: ${stackName} has no such alarm; it has ${names.join(', ') || 'none'}.`);
}
