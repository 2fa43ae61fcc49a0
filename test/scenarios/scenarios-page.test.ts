import { readFileSync } from 'node:fs';
import path from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import { alarmKinds, runbookSection } from '../../infra/on-call/alarm-kinds.ts';
import { deploymentOf, type Deployment } from './alarm-world.ts';
import { scenarios } from './scenarios.ts';

/** Where one of these fails, `npm run scenarios -- --markdown` writes the page anew. How long things took is not held. */
const page = readFileSync(path.join(import.meta.dirname, '../../docs/scenarios.md'), 'utf8');

let deployment: Deployment;

beforeAll(() => {
  deployment = deploymentOf({ connections: { mobaro: { streams: { users: {} } } } });
}, 60_000);

const cells = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

describe('docs/scenarios.md', () => {
  it('has a row for each scenario, in their order, and no other', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| ['));
    expect(rows.map((row) => cells(row).filter((_, column) => column < 3 || column === 7))).toEqual(
      scenarios.map(({ kind, alarm, cause }) => [
        `[${alarm}](runbook.md#${runbookSection(kind)})`,
        cause,
        alarmKinds[kind].severity,
        'ALARM, OK',
      ]),
    );
  });

  it('has what was sent of each, in their order, and of nothing else', () => {
    const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, text]) => text);
    expect(headings).toEqual(scenarios.map(({ alarm, cause }) => `${alarm}: ${cause}`));
  });

  it('shows the texts that the alarms have now', () => {
    const messages = [...page.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(
      ([, json]) => JSON.parse(json ?? '') as Record<string, string>,
    );
    const texts = new Map(deployment.onCall.alarms.map((alarm) => [alarm.name, alarm.AlarmDescription]));
    expect(
      messages.map(({ AlarmName, NewStateValue, AlarmDescription }) => [
        AlarmName,
        NewStateValue,
        AlarmDescription,
      ]),
    ).toEqual(
      scenarios.flatMap(({ alarm }) => {
        const name = `Pagekeeper ${alarm}`;
        return ['ALARM', 'OK'].map((state) => [name, state, texts.get(name)]);
      }),
    );
  });

  it('says that nobody is told anything on the quiet day', () => {
    expect(page).toMatch(
      /Of \d+ requests of a day \d+ were told .* were not answered\. Nobody was told anything\./,
    );
  });
});
