import path from 'node:path';

import { format, resolveConfig } from 'prettier';

import { alarmKinds, runbookSection } from '../../lib/on-call/alarm-kinds.ts';
import type { IncidentStory, Lived } from './incident-stories.ts';
import type { Scenario } from './scenarios.ts';
import type { QuietDay, Story } from './tell-scenario.ts';
import type { Notice, Publisher } from './topics.ts';

/** All that the page tells. */
export interface Lives {
  readonly scenarios: readonly { readonly scenario: Scenario; readonly story: Story }[];
  readonly incidents: readonly LivedStory[];
  readonly failures: readonly LivedStory[];
  readonly quiet: QuietDay;
}

export interface LivedStory {
  readonly story: IncidentStory;
  readonly lived: Pick<Lived, 'since' | 'notices'>;
}

/** docs/scenarios.md, whole. */
export async function scenariosPage({ scenarios, incidents, failures, quiet }: Lives): Promise<string> {
  const page = [
    '# The story of every alarm',
    introduction,
    '## How long it took',
    table(scenarios),
    readingTheTable,
    '## A quiet day',
    quietDay(quiet),
    '## What is sent',
    readingTheLists,
    ...scenarios.flatMap(({ scenario: { cause }, story }) => [`### ${titled(cause)}`, listOf(story)]),
    '## Several streams',
    'Four streams of one vendor, whose ticks are due in the same minute where the title does not say otherwise.',
    ...incidents.flatMap(({ story, lived }) => [`### ${story.title}`, listOf(lived)]),
    '## What may fail on the way',
    'One of four streams is answered 404 for an hour. Only what people get is listed.',
    ...failures.flatMap(({ story, lived: { since, notices } }) => [
      `### ${story.title}`,
      listOf({ since, notices: notices.filter(({ to }) => to === 'people') }),
    ]),
    '## A message, by channel',
    ...byChannel(incidents),
  ].join('\n\n');
  const config = await resolveConfig(path.join(import.meta.dirname, '../../docs/scenarios.md'));
  return format(page, { ...config, parser: 'markdown' });
}

const introduction = `\`npm run scenarios -- --markdown\` writes this page, in some seconds and without AWS. \`npm run scenarios -- --texts\` prints each message whole, as the topics gave it to e-mail, chats and pagers.

Each scenario begins with a deployment at which all is well: the synthesized stack's own alarms, the sync functions, the watchdog, the function that tells people with both of its ways (alarms, and the stream of the checkpoints table), and the stream \`mobaro/users\` with a tick every quarter of an hour, all under a clock that only the scenario moves. An hour later something is broken. It stays so for hours (six, where nothing else is said by its kind); then the cause is fixed, and what the message requests of a person is done. \`test/scenarios\` holds that people are sent one message when it begins and one when it is over (and one more when a ticket becomes a page), on the right topic, in time, and that nothing else is sent.`;

const readingTheTable = `Seconds: the first three from the cause on, the others from the fix on.

- **seen**: until it is stored or measured that something is wrong. Nobody knows before the next page, tick or round; it is looked at by the minute.
- **ALARM**: until the alarm is on. Alarms are evaluated by the minute.
- **message**: until people are sent the first message. What fails within a minute is one message.
- **well**: until it is stored or measured that all is well.
- **OK**: until the alarm is off.
- **end**: until people are sent the last message.`;

const readingTheLists = `Seconds from the cause; to whom: people (e-mail, chats) or pagers; on which topic; and by whom it was published. CloudWatch tells pagers by itself, and \`teller\`, the function that tells people, repeats it to them in words, under the same name of the alarm.`;

function table(scenarios: Lives['scenarios']): string {
  const rows = scenarios.map(({ scenario, story }) => {
    const { cause, alarm, kind } = scenario;
    const { severity } = alarmKinds[kind];
    const spans = [story.toWrong, story.toAlarm, story.toMessage, story.toWell, story.toOk, story.toEnd];
    return [`[${alarm}](runbook.md#${runbookSection(kind)})`, cause, severity, ...spans.map(inWords)];
  });
  return [
    ['alarm', 'cause', '', 'seen', 'ALARM', 'message', 'well', 'OK', 'end'],
    ['---', '---', '---', ...Array.from({ length: 6 }, () => '--:')],
    ...rows,
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function inWords(seconds: number): string {
  return seconds.toLocaleString('en-US');
}

function titled(cause: string): string {
  return `${cause.slice(0, 1).toUpperCase()}${cause.slice(1)}`;
}

const publishers: Readonly<Record<Publisher, string>> = {
  alarm: 'CloudWatch',
  teller: 'teller',
  watchdog: 'watchdog',
  lambda: 'Lambda',
};

function listOf({ since, notices }: { readonly since: number; readonly notices: readonly Notice[] }): string {
  if (notices.length === 0) return 'Nothing.';
  const lines = notices.map(({ at, to, severity, by, subject }) =>
    [
      inWords(Math.round((at - since) / 1000)).padStart(7),
      (to === 'people' ? 'people' : 'pagers').padEnd(6),
      severity.padEnd(6),
      publishers[by].padEnd(10),
      subject ?? '(an event that was given up, without a subject)',
    ].join('  '),
  );
  return fenced('text', lines);
}

function byChannel(incidents: readonly LivedStory[]): readonly string[] {
  const all = incidents.find(({ story }) => story.title.includes('within a minute'))?.lived.notices ?? [];
  const first = (to: Notice['to'], by: Publisher): Notice => {
    const found = all.find((notice) => notice.to === to && notice.by === by);
    if (found === undefined) throw new Error(`Nothing was sent to ${to} by ${by}`);
    return found;
  };
  const toPeople = first('people', 'teller');
  return [
    'That the address is wrong, as it is sent. Long lines are cut here.',
    'E-mail:',
    fenced('text', [`Subject: ${toPeople.subject ?? ''}`, '', ...toPeople.text.split('\n')]),
    'Chats, in the schema of custom notifications of Amazon Q:',
    fenced('text', jsonLines(toPeople)),
    'Pagers, from CloudWatch itself:',
    fenced('text', jsonLines(first('machines', 'alarm'))),
    'And from the function that tells people:',
    fenced('text', jsonLines(first('machines', 'teller'))),
  ];
}

function jsonLines({ json }: Notice): readonly string[] {
  return JSON.stringify(JSON.parse(json), null, 2).split('\n');
}

const maxLine = 116;

function fenced(language: string, lines: readonly string[]): string {
  const cut = lines.map((line) => (line.length > maxLine ? `${line.slice(0, maxLine)}…` : line));
  return ['```' + language, ...cut, '```'].join('\n');
}

function quietDay({ requests, throttled, unanswered, notices }: QuietDay): string {
  const sent = notices.length === 0 ? 'No message was sent' : `Messages: ${String(notices.length)}`;
  return `Of ${String(requests)} requests of a day ${String(throttled)} were answered with 429 or 503, and ${String(unanswered)} were not answered. ${sent}.`;
}
