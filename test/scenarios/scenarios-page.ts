import path from 'node:path';

import { format, resolveConfig } from 'prettier';

import { alarmKinds, runbookSection } from '../../lib/on-call/alarm-kinds.ts';
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
  ].join('\n\n');
  const config = await resolveConfig(path.join(import.meta.dirname, '../../docs/scenarios.md'));
  return format(page, { ...config, parser: 'markdown' });
}

const introduction = `\`npm run scenarios -- --markdown\` writes this page, in some seconds and without AWS. \`npm run scenarios -- --texts\` prints what was sent as well: each subject and message, as the topic gave it to e-mail, PagerDuty, Opsgenie or Slack.

Each scenario begins with a deployment at which all is well: the synthesized stack's own alarms and rules, the sync functions and the watchdog, and the stream \`mobaro/users\` with a tick every quarter of an hour, all under a clock that only the scenario moves. An hour later something is broken. It stays so for hours (six, where nothing else is said by its kind); then the cause is fixed, and what the notification requests of a person is done. \`test/scenarios\` holds that each alarm sends one notification when it begins and one when it is over, to the right topic, in time, and that nothing else is sent. (When \`changes behind\` goes off, \`changes late\` has been on for hours: it is left out of the row.)`;

const readingTheTable = `- **seen**: from the cause until it is stored or measured that something is wrong. Nobody knows before the next page, tick or round.
- **to ALARM**: from there. \`0\` is within the same minute, for alarms are evaluated by the minute.
- **well**: from the fix until it is stored or measured that all is well: a tick, or a round of the watchdog.
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
  const sent = notices.length === 0 ? 'No notification was sent' : `Notifications: ${String(notices.length)}`;
  return `Of ${String(requests)} requests of a day ${String(throttled)} were answered with 429 or 503, and ${String(unanswered)} were not answered. ${sent}.`;
}
