import { describe, expect, it } from 'vitest';

import { decoded } from '../../../lib/connectors/decoded.ts';

describe('a text as a person reads it', () => {
  it.each([
    ['\\u004bey\\x21', 'Key!'],
    ['\\u{4b}\\u{1F642}\\u00e9', 'K🙂é'],
    ['a\\/b \\"c\\" \\\\', 'a/b "c" \\'],
    ['two\\nlines', 'two lines'],
    ['&#75;&#x65;y &amp; &lt;b&gt; &quot;&apos;&nbsp;c', `Key & <b> "' c`],
    ['&amp;amp;#75;', 'K'],
    ['&unknown; &#9999999;', '&unknown; &#9999999;'],
    ['Invalid%20key%2B', 'Invalid key+'],
    ['%252B', '+'],
    ['100% %zz %ff', '100% %zz %ff'],
    ['jane＠example．com', 'jane@example.com'],
    ['Ｋｅｙ', 'Key'],
    ['s\u200be\u00adc\u2060ret\ufeff', 'secret'],
    ['\u202eterces', 'terces'],
    ['can’t “say” «it» – or‐so', 'can\'t "say" "it" - or-so'],
    ['ﬁeld', 'field'],
  ])('of %j is %j', (text, expected) => {
    expect(decoded(text)).toBe(expected);
  });

  it('is never refused, whatever is in it', () => {
    for (const text of ['\ud800', '%', '\\u', '\\', '&#x110000;', '\0'.repeat(9)]) {
      expect(typeof decoded(text)).toBe('string');
    }
  });
});
