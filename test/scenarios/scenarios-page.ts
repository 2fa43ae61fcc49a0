import path from 'node:path';

import { format, resolveConfig } from 'prettier';

import { alarmKinds, runbookSection } from '../../infra/on-call/alarm-kinds.ts';
import type { Notice } from './alarm-world.ts';
import type { Scenario } from './scenarios.ts';
import type { QuietDay, Span, Story } from './tell-scenario.ts';

export interface Told {
  readonly scenario: Scenario;
  readonly story: Story;
}

/** docs/scenarios.md, whole. */
export async function scenariosPage(told: readonly Told[], quiet: QuietDay): Promise<string> {
  const page = [
    '# The story of every alarm',
    introduction,
    '## How long it took',
    'Seconds of the deployment, and in brackets those that it took on the machine that wrote this page.',
    table(told),
    readingTheTable,
    '## A quiet day',
    quietDay(quiet),
    '## What was sent',
    'In the order of the table. The text is what a person reads first; below it is the whole message, as the topic gave it to e-mail, PagerDuty, Opsgenie or Slack.',
    ...told.map((one) => letters(one)),
  ].join('\n\n');
  const config = await resolveConfig(path.join(import.meta.dirname, '../../docs/scenarios.md'));
  return format(page, { ...config, parser: 'markdown' });
}

const introduction = `\`npm run scenarios -- --markdown\` writes this page, in some seconds and without AWS. Each scenario begins with a deployment at which all is well: the
synthesized stack's own alarms and rules, the sync functions and the watchdog, and the stream \`mobaro/users\` with a tick every quarter of an hour, all under a clock that only
the scenario moves. An hour later something is broken; it stays so for hours (six, where nothing else is said by its kind), and then the cause is mended, and what the notification asks of a person is done. That each alarm is told once when it begins and once when it is
over, by the right topic, in time, and nothing else with it, is held by \`test/scenarios\`.`;

const readingTheTable = `- **seen**: from the cause until it is stored or measured that something is wrong. Nobody knows before the next page, tick or round.
- **to ALARM**: from there. \`0\` is within the same minute, for alarms are evaluated by the minute.
- **well**: from the mending until it is stored or measured that all is well: a tick, or a round of the watchdog.
- **to OK**: from there.`;

function table(told: readonly Told[]): string {
  const rows = told.map(({ scenario, story }) => {
    const { cause, alarm, kind } = scenario;
    const { severity } = alarmKinds[kind];
    const spans = [story.toWrong, story.toAlarm, story.toWell, story.toOk].map(inSeconds);
    const sent = story.notices.map(({ state }) => state).join(', ');
    return [`[${alarm}](runbook.md#${runbookSection(kind)})`, cause, severity, ...spans, sent];
  });
  return [
    ['alarm', 'cause', '', 'seen', 'to ALARM', 'well', 'to OK', 'sent'],
    ['---', '---', '---', '--:', '--:', '--:', '--:', '---'],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function inSeconds({ virtual, real }: Span): string {
  return `${virtual.toLocaleString('en-US')} (${real.toFixed(2)})`;
}

function quietDay({ requests, throttled, unanswered, notices }: QuietDay): string {
  const sent = notices.length === 0 ? 'Nobody was told anything' : `Notifications: ${String(notices.length)}`;
  return `Of ${String(requests)} requests of a day ${String(throttled)} were told to come later (429 or 503) and ${String(unanswered)} were not answered. ${sent}.`;
}

function letters({ scenario, story }: Told): string {
  const [first] = story.notices;
  const { AlarmDescription = '' } = first === undefined ? {} : messageOf(first);
  return [
    `### ${scenario.alarm}: ${scenario.cause}`,
    `\`${first?.subject ?? 'AWS Notification Message'}\``,
    fenced('text', AlarmDescription),
    '<details><summary>Both messages, whole</summary>',
    ...story.notices.flatMap((notice) => [
      `${notice.state}, to the topic for ${notice.severity}s${notice.subject === null ? ', without a subject' : ''}:`,
      fenced('json', JSON.stringify(messageOf(notice), null, 2)),
    ]),
    '</details>',
  ].join('\n\n');
}

function messageOf({ message }: Notice): Record<string, string> {
  return JSON.parse(message) as Record<string, string>;
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
