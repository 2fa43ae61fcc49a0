import { describe, expect, it } from 'vitest';

import { commandsIn, linesHere, type HereContext } from '../../../../infra/laptop/options/commands-here.ts';
import type { KeyPlace } from '../../../../infra/laptop/options/keys.ts';
import { textsOfAlarms } from '../../../../infra/laptop/options/texts-of-alarms.ts';
import type { AlarmLine } from '../../../../lib/on-call/alarm-text.ts';
import { readSettings } from '../../../../infra/settings/read-settings.ts';

const here: HereContext = {
  ...{ dataOption: '', again: 'npm start -- --watch' },
  ...{ keys: new Map(), texts: new Map() },
};
const texts = textsOfAlarms(readSettings({}));

describe('the commands of an alarm', () => {
  it('are those of its text, and first what can be typed here', () => {
    expect(commandsIn(texts.get('Pagekeeper mobaro unauthorized') ?? [], here)).toEqual([
      { line: 'npx pagekeeper resume mobaro', where: 'here' },
      {
        line: 'npx pagekeeper secret set mobaro --stack Pagekeeper',
        where: 'deployment',
      },
    ]);
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
    const command = { line: 'npm start -- --watch', where: 'here', before };

    expect(commandsIn(text, context)).toEqual([command]);
    expect(linesHere(text, context)).toEqual([{ words: `Put it in place: ${before}`, command }]);
  });

  it('are in every text', () => {
    expect(texts.size).toBeGreaterThan(10);
    for (const [name, text] of texts) expect(commandsIn(text, here), name).not.toEqual([]);
  });
});

describe('the lines of an alarm', () => {
  it('keep their words, and have their commands apart', () => {
    const line = 'aws sqs purge-queue --queue-url u';
    expect(
      linesHere(
        [
          { says: 'It is so. Fix it:', command: { kind: 'other', line } },
          { says: 'Runbook:', page: 'here' },
        ],
        here,
      ),
    ).toEqual([
      { words: 'It is so. Fix it:', command: { line, where: 'deployment' } },
      { words: 'Runbook: here', command: null },
    ]);
  });
});
