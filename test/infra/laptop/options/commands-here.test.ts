import { describe, expect, it } from 'vitest';

import { alarmsHere, linesHere, type HereContext } from '../../../../infra/laptop/options/commands-here.ts';
import type { KeyPlace } from '../../../../infra/laptop/options/keys.ts';
import { textsOfAlarms } from '../../../../infra/laptop/options/texts-of-alarms.ts';
import { needs } from '../../../../infra/cli/policy/needs.ts';
import type { AlarmLine } from '../../../../lib/on-call/alarm-text.ts';
import { readSettings } from '../../../../infra/settings/read-settings.ts';

const here: HereContext = {
  ...{ dataOption: '', again: 'npm start -- --watch', runs: false },
  ...{ keys: new Map(), texts: new Map() },
};
const texts = textsOfAlarms(readSettings({}));
/** Of the commands of this project. */
const names = Object.keys(needs).map((name) => name.split(' ')[0]);

const commandsIn = (text: readonly AlarmLine[], context = here) =>
  linesHere(text, context).flatMap(({ command }) => command ?? []);

describe('the commands of an alarm', () => {
  const unauthorized = texts.get('Pagekeeper mobaro unauthorized') ?? [];
  const attention = texts.get('Pagekeeper mobaro attention') ?? [];

  it('are those of its text that this machine has: the key of a simulator is its own', () => {
    expect(commandsIn(unauthorized)).toEqual([{ line: 'npx pagekeeper fix mobaro' }]);
    expect(JSON.stringify(linesHere(attention, here))).not.toContain('The secret:');
  });

  it('take a new key while it runs', () => {
    const keys = new Map([['mobaro', { kind: 'asked' } as const]]);
    expect(commandsIn(attention, { ...here, runs: true, keys, dataOption: ' --data d' })).toContainEqual({
      line: 'npx pagekeeper secret set mobaro --data d',
    });
  });

  it('send dead letters back while it runs, and start anew once their queue has ended', () => {
    const undelivered = texts.get('Pagekeeper mobaro undelivered') ?? [];
    expect(commandsIn(undelivered, { ...here, runs: true, dataOption: ' --data d' })).toEqual([
      { line: 'npx pagekeeper dead-letters redrive mobaro --data d' },
    ]);
    expect(commandsIn(undelivered)).toEqual([
      {
        line: 'npm start -- --watch',
        before: 'they have ended with npm start, and the next one takes their runs up:',
      },
    ]);
    expect(JSON.stringify(linesHere(undelivered, here))).not.toContain('A missed tick');
  });

  it('are none where a person is to put in a name: that is in the words', () => {
    const lines = linesHere(texts.get('Pagekeeper mobaro attention') ?? [], here);
    expect(lines.flatMap(({ command }) => command ?? [])).toEqual([{ line: 'npx pagekeeper status' }]);
    expect(lines.map(({ words }) => words)).toContain(
      'Records really gone: npx pagekeeper allow-deletions STREAM',
    );
  });

  it('name the data folder where it is not the usual one', () => {
    const text: readonly AlarmLine[] = [
      { says: 'Then:', command: { kind: 'pagekeeper', args: 'resume a/b', stack: 'Pagekeeper-dev' } },
    ];
    const [command] = commandsIn(text, { ...here, dataOption: " --data 'my data'" });

    expect(command?.line).toBe("npx pagekeeper resume a/b --data 'my data'");
  });

  it.each<[KeyPlace, string]>([
    [{ kind: 'file', file: 'keys.json' }, 'put the new key into keys.json, then:'],
    [{ kind: 'asked' }, 'type the new key when this asks for it:'],
    [
      { kind: 'variables', names: ['MOBARO_EU_API_KEY or MOBARO_API_KEY', 'OTHER'] },
      'set MOBARO_EU_API_KEY or MOBARO_API_KEY and OTHER anew, then:',
    ],
  ])('start anew with another key from where it comes, whose value stands in none: %j', (place, before) => {
    const text: readonly AlarmLine[] = [
      {
        says: 'Put it in place:',
        command: { kind: 'secret', connection: 'mobaro-eu', stack: 'Pagekeeper' },
      },
    ];
    const context = { ...here, keys: new Map([['mobaro-eu', place]]) };
    const command = { line: 'npm start -- --watch', before };

    expect(commandsIn(text, context)).toEqual([command]);
    expect(linesHere(text, context)).toEqual([{ words: `Put it in place: ${before}`, command }]);
  });

  it.each([...texts])(
    'are in the text of %s, none of a deployment, and each is one of this project',
    (_, text) => {
      const commands = commandsIn(text, { ...here, runs: true });
      expect(commands.length).toBeGreaterThan(0);
      for (const { line } of commands) {
        expect(line).toMatch(/^npx pagekeeper [a-z-]+( [a-z-]+\/?[a-z-]*){0,2}$/);
        expect(names).toContain(line.split(' ')[2]);
      }
      expect(JSON.stringify(linesHere(text, here))).not.toMatch(/--stack|aws |cdk deploy/);
    },
  );
});

describe('the lines of an alarm', () => {
  it('keep their words, have their commands apart, and end with the status where they have none', () => {
    expect(
      linesHere(
        [
          { says: 'It is so.' },
          { says: 'Fix it:', command: { kind: 'other', line: 'aws sqs purge-queue --queue-url u' } },
          { says: 'Runbook:', page: 'here' },
        ],
        here,
      ),
    ).toEqual([
      { words: 'It is so.', command: null },
      { words: 'Runbook: here', command: null },
      { words: 'How all stands:', command: { line: 'npx pagekeeper status' } },
    ]);
  });
});

describe('the alarms of a template', () => {
  it('say what is to be typed here, and others are left as they are', () => {
    const alarms = [
      { name: 'Pagekeeper mobaro missing', AlarmDescription: 'as deployed', period: 60 },
      { name: 'Own', AlarmDescription: 'as it is', period: 60 },
    ];
    const [own, other] = alarmsHere(alarms, { ...here, texts, dataOption: ' --data d' });
    expect(own).toMatchObject({ name: 'Pagekeeper mobaro missing', period: 60 });
    expect(own?.AlarmDescription.split('\n')).toEqual(
      expect.arrayContaining(['  npx pagekeeper status --data d', '  npx pagekeeper fix mobaro --data d']),
    );
    expect(own?.AlarmDescription).not.toContain('--stack');
    expect(other).toBe(alarms[1]);
  });
});
