import { describe, expect, it } from 'vitest';

import { commandsIn, linesHere, type HereContext } from '../../../../infra/laptop/options/commands-here.ts';
import type { KeyPlace } from '../../../../infra/laptop/options/keys.ts';
import { unauthorized } from '../../../browser/made-up-feed.ts';
import { synthesized } from '../../synthesized.ts';

const here: HereContext = { dataOption: '', again: 'npm start -- --watch', keys: new Map() };

describe('the commands of an alarm', () => {
  it('are those of its text, and first what can be typed here', () => {
    expect(commandsIn(unauthorized.text, here)).toEqual([
      { line: 'npx pagekeeper resume mobaro', where: 'here' },
      {
        line: 'npx pagekeeper secret set mobaro --stack Pagekeeper',
        where: 'deployment',
      },
    ]);
  });

  it('name the data folder where it is not the usual one', () => {
    const [command] = commandsIn('Then: npx pagekeeper resume a/b --stack Pagekeeper-dev.', {
      ...here,
      dataOption: " --data 'my data'",
    });

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
    const text = 'Put it in place: npx pagekeeper secret set mobaro-eu --stack Pagekeeper';
    const context = { ...here, keys: new Map([['mobaro-eu', place]]) };
    const command = { line: 'npm start -- --watch', where: 'here', before };

    expect(commandsIn(text, context)).toEqual([command]);
    expect(linesHere(text, context)).toEqual([{ words: `Put it in place: ${before}`, command }]);
  });

  it('are found in every alarm of the stack that names one', () => {
    const texts = synthesized()
      .ofType('AWS::CloudWatch::Alarm')
      .map(([, { Properties }]) => JSON.stringify(Properties['AlarmDescription']).replaceAll('\\n', '\n'));

    expect(texts.length).toBeGreaterThan(10);
    for (const text of texts) expect(commandsIn(text, here), text).not.toEqual([]);
  });
});

describe('the lines of an alarm', () => {
  it('keep their words, and have their commands apart', () => {
    expect(linesHere('It is so. Mend it: aws sqs purge-queue --queue-url u.\nRunbook: here', here)).toEqual([
      {
        words: 'It is so. Mend it:',
        command: { line: 'aws sqs purge-queue --queue-url u', where: 'deployment' },
      },
      { words: 'Runbook: here', command: null },
    ]);
  });
});
