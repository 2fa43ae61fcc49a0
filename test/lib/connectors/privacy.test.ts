import { describe, expect, it } from 'vitest';

import { jsonText, parseJson, type JsonObject } from '../../../lib/connectors/json.ts';
import { redacted, withoutPaths } from '../../../lib/connectors/privacy.ts';

const row = (text: string): JsonObject => parseJson(text) as JsonObject;
const kept = (text: string, omit: string[], mask: string[] = [], maskKey: string | null = 'key'): string =>
  jsonText(redacted(row(text), { omit, mask, maskKey }));

describe('a field that is omitted', () => {
  it.each([
    ['{"id":"1","work":{"title":"x","site":"y"}}', '{"id":"1","work":{"site":"y"}}'],
    ['{"id":"1","/work/title":{"value":"x"}}', '{"id":"1"}'],
    [
      '{"id":"1","humanReadable":{"work":{"title":"x"},"/work/title":"x"}}',
      '{"id":"1","humanReadable":{"work":{}}}',
    ],
    ['{"id":"1","work":[{"title":"x"},{"site":"y"}]}', '{"id":"1","work":[{},{"site":"y"}]}'],
    ['{"id":"1","work":"none"}', '{"id":"1","work":"none"}'],
  ])('is taken out of %s', (before, after) => {
    expect(kept(before, ['work.title'])).toBe(after);
  });

  it('keeps every digit of the others', () => {
    expect(kept('{"big":9007199254740993,"amount":1.10,"pay":1}', ['pay'])).toBe(
      '{"big":9007199254740993,"amount":1.10}',
    );
  });
});

describe('a field that may not be kept', () => {
  it.each([
    ['root.email', '{"id":"1","email":"x"}'],
    ['root.email', '{"id":"1","root":{"email":"x"}}'],
    ['root.email', '{"id":"1","/root/email":{"value":"x"}}'],
    ['email', '{"id":"1","/root/email":{"value":"x"},"email":"x"}'],
    ['home', '{"id":"1","home":{"phone":"x"},"/home/phone":{"value":"x"},"/home/mobile":"x"}'],
    ['/work/title', '{"id":"1","work":{"title":"x"}}'],
    ['work.title', '{"id":"1","work.title":"x"}'],
    ['/goal/title', '{"id":"1","fields":{"/goal/title":{"value":"x"}}}'],
    ['goal.title', '{"id":"1","fields":{"goal":{"title":"x"}},"humanReadable":{"/goal/title":"x"}}'],
    ['base', '{"id":"1","base":{"value":"x"}}'],
  ])('is found under whatever name it comes: %s in %s', (field, text) => {
    expect(kept(text, [field])).not.toContain('x');
    expect(kept(text, [], [field])).not.toContain('"x"');
    expect(kept(text, [field])).toContain('"id":"1"');
  });

  it('is no other field whose name begins alike', () => {
    const text = '{"id":"1","home":1,"homeOffice":2,"/homeOffice/x":3,"work":{"home":4}}';
    expect(kept(text, ['home'])).toBe('{"id":"1","homeOffice":2,"/homeOffice/x":3,"work":{"home":4}}');
  });
});

describe('a field that is masked', () => {
  it('is a hash that depends on value and key, and on nothing else', () => {
    const masked = kept('{"pay":1.10}', [], ['pay']);
    expect(masked).toMatch(/^\{"pay":"masked:[\w-]{22}"\}$/);
    expect(kept('{"pay":1.10,"id":"2"}', [], ['pay'])).toContain(masked.slice(1, -1));
    expect(kept('{"pay":1.1}', [], ['pay'])).not.toBe(masked);
    expect(kept('{"pay":1.10}', [], ['pay'], 'other')).not.toBe(masked);
    // A vendor may shuffle the keys of what is masked.
    expect(kept('{"pay":{"a":1,"b":2}}', [], ['pay'])).toBe(kept('{"pay":{"b":2,"a":1}}', [], ['pay']));
  });

  it('leaves nothing as nothing', () => {
    expect(kept('{"pay":null}', [], ['pay', 'bonus'])).toBe('{"pay":null}');
  });

  it('takes a key', () => {
    expect(() => kept('{"pay":1}', [], ['pay'], null)).toThrow('no key');
  });
});

describe('what changes by itself', () => {
  it('is left out by its path, and the row stays as it was', () => {
    const person = row('{"id":"1","about":{"avatar":"https://x/1","name":"n"}}');
    expect(jsonText(withoutPaths(person, [['about', 'avatar'], ['age']]))).toBe(
      '{"id":"1","about":{"name":"n"}}',
    );
    expect(jsonText(person)).toContain('avatar');
    expect(withoutPaths(person, [])).toBe(person);
  });
});
