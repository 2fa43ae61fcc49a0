import { describe, expect, it } from 'vitest';

import { maxRunbookUrl } from '../../../infra/settings/settings-schema.ts';
import { textsOfAlarms } from '../../../infra/laptop/options/texts-of-alarms.ts';
import { readSettings } from '../../../infra/settings/read-settings.ts';
import { alarmKinds, runbookSection, type AlarmKind } from '../../../lib/on-call/alarm-kinds.ts';
import { joinedLines, maxDescriptionLength } from '../../../lib/on-call/alarm-text.ts';
import { synthesized, text } from '../synthesized.ts';

const sections = Object.keys(alarmKinds).map((kind) => runbookSection(kind as AlarmKind));

/** What the alarms of a stack say, with as long an ARN or URL as there is in the place of each reference. */
function descriptions(settings: object): readonly string[] {
  return synthesized(settings)
    .ofType('AWS::CloudWatch::Alarm')
    .map(([, { Properties }]) =>
      text(Properties['AlarmDescription']).replaceAll(/<[^>]+>/g, 'x'.repeat(150)),
    );
}

/** The page, and its section, that a text ends with. */
function linkIn(description: string): readonly string[] {
  return /\nRunbook: (\S+)#([a-z-]+)$/.exec(description)?.slice(1) ?? [];
}

interface WithVariables {
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
}

function runbookOfTeller(settings: object): unknown {
  const [teller] = synthesized(settings).ofType('AWS::Lambda::Function', 'TellOnCall');
  const properties: unknown = teller?.[1].Properties;
  return (properties as WithVariables).Environment.Variables['PAGEKEEPER_RUNBOOK'];
}

describe('runbookUrl', () => {
  const runbookUrl = 'https://wiki.example/pagekeeper?version=2';

  it.each([
    ['docs/runbook.md', {}],
    [runbookUrl, { runbookUrl }],
  ])('is where each alarm leads to, and the function that tells people: %s', (page, settings) => {
    const links = descriptions(settings).map(linkIn);
    expect(links.length).toBeGreaterThan(10);
    for (const [to, section] of links) {
      expect(to).toBe(page);
      expect(sections).toContain(section);
    }
    expect(runbookOfTeller(settings)).toBe(page);
  });

  it('is where the alarms of a laptop lead to', () => {
    const texts = [...textsOfAlarms(readSettings({ runbookUrl })).values()].map(joinedLines);
    expect(texts.map((one) => linkIn(one)[0])).toEqual(texts.map(() => runbookUrl));
  });

  it('fits into the text of each alarm, as long as it may be, with the longest names', () => {
    const long = `https://wiki.example/${'x'.repeat(maxRunbookUrl - 21)}`;
    const [stage, name] = ['s'.repeat(20), 'c'.repeat(20)];
    for (const connector of ['mobaro', 'bob']) {
      const said = descriptions({ stage, runbookUrl: long, connections: { [name]: { connector } } });
      expect(said.map((one) => linkIn(one)[0])).toEqual(said.map(() => long));
      for (const one of said) expect(one.length, one).toBeLessThanOrEqual(maxDescriptionLength);
    }
  });
});
