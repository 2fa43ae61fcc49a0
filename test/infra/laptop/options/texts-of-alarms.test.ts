import { describe, expect, it } from 'vitest';

import { readOnCall } from '../../../../infra/emulator/template/read-template.ts';
import { textsOfAlarms } from '../../../../infra/laptop/options/texts-of-alarms.ts';
import { joinedLines } from '../../../../lib/on-call/alarm-text.ts';
import { readSettings } from '../../../../infra/settings/read-settings.ts';
import { synthesized } from '../../synthesized.ts';

describe('the texts of alarms on a laptop', () => {
  it.each([
    {},
    {
      stage: 'dev',
      connections: {
        'mobaro-eu': {
          connector: 'mobaro',
          streams: { teams: { of: 'user-groups', params: { ids: ['usergroups/1-A'] } } },
        },
      },
    },
  ])('are those of the template, word for word', (settings) => {
    const read = readSettings(settings);
    const template: unknown = synthesized(settings).template.toJSON();
    const { alarms } = readOnCall({ stackName: read.stackName, template });
    const texts = [...textsOfAlarms(read)].map(([name, lines]) => [name, joinedLines(lines)] as const);
    const byName = Object.fromEntries(alarms.map(({ name, AlarmDescription }) => [name, AlarmDescription]));

    // The comma is in the names of a nested stack.
    expect(Object.fromEntries(texts.filter(([name]) => !name.includes(',')))).toEqual(byName);
    for (const [name, text] of texts) expect(text).toBe(byName[name.replace(',', '')]);
  });
});
